//! Terraform on the same pipeline, in turn with pipectl, so that both meet the same machine.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::measure::{Measure, What};
use crate::scene::{Scene, measured};
use crate::support::emulator::{self, Account};
use crate::support::folder::copy;
use crate::support::proxy::Proxy;

/// The pipeline for Terraform, and for pipectl.
const CONFIGURATION: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/terraform");
const SPEC: &str = include_str!("../terraform/pipectl.toml");

/// How often each plans what has not changed.
const TURNS: usize = 3;

/// Everything that is done to one pipeline, by both of them; nothing, where Terraform or its provider is not there.
pub(crate) fn beside(pipectl: Option<PathBuf>, round_trip: Duration) -> Vec<Measure> {
    let Some(mut terraform) = Terraform::find(round_trip) else {
        eprintln!("Terraform is not measured: it takes `terraform`, and TF_MIRROR with the folder of its AWS provider");
        return Vec::new();
    };
    let mut scene =
        Scene::with_spec(What::Beside, 1, pipectl, emulator::moto(), |account| SPEC.replace("${unique}", &account.id));
    scene.delay(round_trip);
    terraform.run("init", &["init", "-input=false"]);
    let mut measures = vec![
        scene.run("validate", &["validate"]),
        terraform.run("validate", &["validate"]),
        scene.run("first plan", &["plan"]),
        terraform.plan("first plan", &["-out=plan.out"]),
        scene.run("apply", &["apply", "plan.json"]),
        terraform.run("apply", &["apply", "-input=false", "plan.out"]),
    ];
    terraform.tag_stream();
    for _ in 0..TURNS {
        measures.push(scene.run("plan, nothing changed", &["plan", "--detailed-exitcode"]));
        measures.push(terraform.plan("plan, nothing changed", &["-detailed-exitcode"]));
    }
    measures.push(scene.run("destroy", &["destroy", "--auto-approve", "--empty-buckets"]));
    measures.push(terraform.destroy());
    medians(measures)
}

/// Of the runs of the same command the one in the middle, by wall time.
fn medians(mut measures: Vec<Measure>) -> Vec<Measure> {
    measures.sort_by(|a, b| a.key().cmp(&b.key()).then(a.times.wall.total_cmp(&b.times.wall)));
    let same = measures.chunk_by(|a, b| a.key() == b.key());
    same.map(|runs| runs[runs.len() / 2].clone()).collect()
}

/// Terraform in a copy of the configuration.
struct Terraform {
    folder: TempDir,
    account: Account,
    proxy: Proxy,
    environment: Vec<(String, String)>,
    round_trip: Duration,
}

impl Terraform {
    /// In an account of its own in moto, if it is on this machine.
    fn find(round_trip: Duration) -> Option<Self> {
        let mirror = std::env::var("TF_MIRROR").ok()?;
        Command::new("terraform").arg("version").stdout(Stdio::null()).status().ok()?;
        let folder = tempfile::tempdir().unwrap();
        copy(Path::new(CONFIGURATION), folder.path());
        let settings = folder.path().join("terraformrc");
        let only = format!("provider_installation {{\n  filesystem_mirror {{\n    path = \"{mirror}\"\n  }}\n}}\n");
        std::fs::write(&settings, only).unwrap();
        let account = emulator::moto().account();
        let (behind_proxy, proxy) = account.behind_proxy();
        // moto does not know it; the provider's own retries would go on for minutes.
        let unknown =
            crate::support::proxy::Failure::Other { status: 404, code: "NoSuchEntity", message: "none".into() };
        proxy.on("iam:ListServiceSpecificCredentials").fail(unknown);
        proxy.delay(round_trip);
        let mut environment = behind_proxy.environment();
        let home = folder.path().to_str().unwrap().to_owned();
        let path = std::env::var("PATH").unwrap_or_default();
        let own = [("TF_CLI_CONFIG_FILE", settings.to_str().unwrap().to_owned()), ("HOME", home), ("PATH", path)];
        environment.extend(own.map(|(name, value)| (name.to_owned(), value)));
        environment.push(("CHECKPOINT_DISABLE".to_owned(), "1".to_owned()));
        Some(Self { folder, account, proxy, environment, round_trip })
    }

    fn run(&mut self, phase: &str, arguments: &[&str]) -> Measure {
        let mut command = Command::new("terraform");
        command.args(arguments).arg("-no-color").current_dir(self.folder.path()).envs(self.environment.iter().cloned());
        measured(What::Beside, "terraform", phase, (1, self.round_trip), &self.proxy, &command)
    }

    fn plan(&mut self, phase: &str, options: &[&str]) -> Measure {
        let variables = ["plan", "-input=false", "-var-file=dev.tfvars", "-var=emulator=true"];
        self.run(phase, &[&variables, options].concat())
    }

    fn destroy(&mut self) -> Measure {
        let arguments = ["destroy", "-input=false", "-auto-approve", "-var-file=dev.tfvars", "-var=emulator=true"];
        self.run("destroy", &arguments)
    }

    /// moto loses the tags that a stream is made with: each later plan would want to add them.
    fn tag_stream(&self) {
        let aws = self.account.aws();
        emulator::wait_for(async {
            let kinesis = aws.client(aws_sdk_kinesis::Client::new).await;
            let tags = kinesis.add_tags_to_stream().stream_name("clickstream-dev-p000");
            tags.tags("Project", "clickstream").tags("Environment", "dev").send().await.unwrap();
        });
    }
}
