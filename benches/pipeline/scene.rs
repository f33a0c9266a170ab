//! An environment of many pipelines in an account of its own, behind a proxy.

use std::time::Duration;

use crate::measure::{Measure, Times};
use crate::support::cli::Cli;
use crate::support::emulator::{self, Account};
use crate::support::pipelines;
use crate::support::proxy::Proxy;

/// The environment, and where it is.
pub(crate) struct Scene {
    /// Sees and delays every call.
    pub(crate) proxy: Proxy,
    pipelines: usize,
    account: Account,
    cli: Cli,
}

impl Scene {
    /// An empty account, and a spec for it; `rate` is the share of AWS's rates that pipectl uses.
    pub(crate) fn new(pipelines: usize, rate: &str) -> Self {
        let account = emulator::ministack().account();
        let (behind_proxy, proxy) = account.behind_proxy();
        let cli = Cli::new().against(&behind_proxy).env("PIPECTL_API_RATE", rate);
        cli.write("envs/scale.toml", &pipelines::spec(pipelines, account.region, |name| account.unique(name)));
        Self { proxy, pipelines, account, cli }
    }

    /// Gives the state its place.
    pub(crate) fn bootstrap(&self) {
        self.run("bootstrap", Duration::ZERO, &["bootstrap"]);
    }

    /// What `work` returns once everything exists; afterwards nothing does.
    pub(crate) fn applied<T>(self, work: impl FnOnce(Self) -> T) -> T {
        self.bootstrap();
        self.run("apply", Duration::ZERO, &["apply", "--auto-approve"]);
        work(self)
    }

    /// The same at another share of AWS's rates.
    pub(crate) fn at_rate(self, rate: &str) -> Self {
        Self { cli: self.cli.env("PIPECTL_API_RATE", rate), ..self }
    }

    /// Deletes an alarm, and changes a topic and a stream, as somebody might by hand.
    pub(crate) fn drift(&self) {
        let aws = self.account.aws();
        let change = async {
            let cloudwatch = aws.client(aws_sdk_cloudwatch::Client::new).await;
            cloudwatch.delete_alarms().alarm_names("acme-scale-p001-delivery").send().await.unwrap();
            let sns = aws.client(aws_sdk_sns::Client::new).await;
            let topic = aws.scope().await.unwrap().arn("sns", "acme-scale-p001");
            let name = sns.set_topic_attributes().topic_arn(topic).attribute_name("DisplayName");
            name.attribute_value("Changed").send().await.unwrap();
            let kinesis = aws.client(aws_sdk_kinesis::Client::new).await;
            let retention = kinesis.increase_stream_retention_period().stream_name("acme-scale-p001");
            retention.retention_period_hours(72).send().await.unwrap();
        };
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(change);
    }

    /// Runs a command, and says what it took.
    pub(crate) fn measured(&self, phase: &'static str, round_trip: Duration, arguments: &[&str]) -> Measure {
        self.run(phase, round_trip, arguments)
    }

    fn run(&self, phase: &'static str, round_trip: Duration, arguments: &[&str]) -> Measure {
        self.proxy.take_calls();
        let with_env = [arguments, &["--env", "scale"]].concat();
        let arguments = if arguments.contains(&"plan.json") { arguments } else { &with_env };
        let times = Times::of(self.cli.command(arguments));
        Measure { phase, pipelines: self.pipelines, round_trip, times, calls: self.proxy.take_calls() }
    }
}
