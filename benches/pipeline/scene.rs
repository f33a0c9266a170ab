//! An environment in an account of its own, behind a proxy.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::measure::{Measure, Times, What, emulator, load};
use crate::support::cli::Cli;
use crate::support::deployment::Deployment;
use crate::support::emulator::{self, Account, Emulator};
use crate::support::pipelines;
use crate::support::proxy::Proxy;

/// The environment, and where it is.
pub(crate) struct Scene {
    /// Sees and delays every call.
    pub(crate) proxy: Proxy,
    /// As part of what it is measured.
    what: What,
    pipelines: usize,
    round_trip: Duration,
    account: Account,
    /// `scale`, or an example's `dev`.
    env: &'static str,
    cli: Cli,
    /// The pipectl to measure, where it is not the one that was built with this.
    pipectl: Option<PathBuf>,
}

impl Scene {
    /// An environment `scale` of so many pipelines in an empty account of MiniStack; its state has a place.
    pub(crate) fn new(what: What, pipelines: usize, pipectl: Option<PathBuf>) -> Self {
        let account = emulator::ministack().account();
        let spec = pipelines::spec(pipelines, account.region, |name| account.unique(name));
        Self::with_spec(what, pipelines, pipectl, emulator::ministack(), |_| spec)
    }

    /// The same with a spec of one's own, which is told the account.
    pub(crate) fn with_spec(
        what: What,
        pipelines: usize,
        pipectl: Option<PathBuf>,
        emulator: &'static Emulator,
        spec: impl FnOnce(&Account) -> String,
    ) -> Self {
        let account = emulator.account();
        let (behind_proxy, proxy) = account.behind_proxy();
        let cli = Cli::new().against(&behind_proxy);
        cli.write("envs/scale.toml", &spec(&account));
        let scene = Self { proxy, what, pipelines, round_trip: Duration::ZERO, account, env: "scale", cli, pipectl };
        scene.run("bootstrap", &["bootstrap"]);
        scene
    }

    /// The environment `dev` of an example in an empty account of MiniStack; its state has a place.
    pub(crate) fn of_example(folder: &'static str, pipectl: Option<PathBuf>) -> Self {
        let Deployment { cli, proxy, account, env, .. } = Deployment::of(folder, emulator::ministack().account());
        Self { proxy, what: What::Examples, pipelines: 1, round_trip: Duration::ZERO, account, env, cli, pipectl }
    }

    /// The same at so many times AWS's rates, of which pipectl else uses a thousand times what AWS gives.
    pub(crate) fn at_rate(self, rate: &str) -> Self {
        Self { cli: self.cli.env("PIPECTL_API_RATE", rate), ..self }
    }

    /// Makes every call take that much longer.
    pub(crate) fn delay(&mut self, round_trip: Duration) {
        self.round_trip = round_trip;
        self.proxy.delay(round_trip);
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
        };
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(change);
        self.keep_longer("acme-scale-p001");
    }

    /// Has a stream keep its records for three days, as somebody might by hand.
    pub(crate) fn keep_longer(&self, stream: &str) {
        let aws = self.account.aws();
        let change = async {
            let kinesis = aws.client(aws_sdk_kinesis::Client::new).await;
            let retention = kinesis.increase_stream_retention_period().stream_name(stream);
            retention.retention_period_hours(72).send().await.unwrap();
        };
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(change);
    }

    /// Runs pipectl, and says what it took.
    pub(crate) fn run(&self, phase: &str, arguments: &[&str]) -> Measure {
        let arguments =
            if arguments.contains(&"plan.json") { arguments } else { &[arguments, &["--env", self.env]].concat() };
        let built = self.cli.command(arguments);
        let mut command = Command::new(self.pipectl.as_deref().map_or(built.get_program(), AsRef::as_ref));
        command.args(built.get_args()).current_dir(built.get_current_dir().unwrap());
        command.envs(built.get_envs().filter_map(|(name, value)| Some((name, value?))));
        measured(self.what, "pipectl", phase, (self.pipelines, self.round_trip), &self.proxy, &command)
    }
}

/// What a command took that calls through a proxy: for so many pipelines at such a round trip.
pub(crate) fn measured(
    what: What,
    program: &str,
    phase: &str,
    (pipelines, round_trip): (usize, Duration),
    proxy: &Proxy,
    command: &Command,
) -> Measure {
    proxy.take_calls();
    let (load, throttled) = (load(), proxy.throttled());
    let times = Times::of(command);
    let calls = proxy.take_calls();
    let measure = Measure {
        what,
        program: program.to_owned(),
        phase: phase.to_owned(),
        pipelines,
        round_trip: u64::try_from(round_trip.as_millis()).unwrap(),
        times,
        calls: calls.total(),
        chain: calls.depth(),
        emulator: emulator(&calls, round_trip).as_secs_f64(),
        throttled: proxy.throttled() - throttled,
        load,
    };
    eprintln!("{}", serde_json::to_string(&measure).unwrap());
    measure
}
