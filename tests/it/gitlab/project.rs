//! A GitLab project: a repository with the template and the environments of this one, whose jobs reach an emulator.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::tools::{Tools, tools};
use super::{TEMPLATE, credentials};
use crate::support::cli::Cli;
use crate::support::emulator::{self, Account};
use crate::support::proxy::Proxy;

/// Where the state is, as `pipectl bootstrap` prints it.
const STATE: [(&str, &str); 2] = [
    ("S3_BUCKET_SSM", "/acme-clickstream/pipectl/state-bucket"),
    ("S3_FOLDER_SSM", "/acme-clickstream/pipectl/state-folder"),
];
/// The account that the environments allow.
const THEIR_ACCOUNT: &str = "123456789012";

/// A repository on one of its branches, and the account that its environments are in.
pub(super) struct Project {
    /// Its folder; runs pipectl in it as the account's administrator would.
    pub(super) administrator: Cli,
    /// The account.
    pub(super) account: Account,
    tools: &'static Tools,
    /// To the emulator it ends TLS, without which the buckets' policies let nobody in.
    _proxy: Proxy,
}

/// How a pipeline, or one job, went.
pub(super) struct Run {
    /// Whether no job failed that may not.
    pub(super) passed: bool,
    /// What its jobs wrote.
    pub(super) log: String,
}

impl Project {
    /// A new project on the branch `dev`. `None` where the tools cannot be had.
    pub(super) fn new() -> Option<Self> {
        let tools = tools()?;
        let (account, proxy) = emulator::ministack().account().in_region("eu-west-1").behind_proxy();
        let administrator = STATE.iter().fold(Cli::new().against(&account), |cli, (name, value)| cli.env(name, value));
        let project = Self { administrator, account, tools, _proxy: proxy };
        project.fill();
        Some(project)
    }

    /// A project whose state has a place, and whose roles exist.
    pub(super) async fn bootstrapped() -> Option<Self> {
        let project = Self::new()?;
        let _ = project.administrator.run(&["bootstrap", "--env", "dev"]).success();
        for env in ["dev", "staging"] {
            credentials::make_roles(&project.administrator, &project.account, env).await;
        }
        Some(project)
    }

    /// The repository: of the environments, only the account and the buckets' names are changed.
    fn fill(&self) {
        let envs = Path::new(env!("CARGO_MANIFEST_DIR")).join("envs");
        for file in fs::read_dir(envs).unwrap().map(|entry| entry.unwrap()) {
            let bucket = self.account.unique("acme-clickstream-events-${env}");
            let spec = fs::read_to_string(file.path()).unwrap().replace(THEIR_ACCOUNT, &self.account.id);
            let spec = spec.replace("acme-clickstream-events-${env}", &bucket);
            self.administrator.write(&format!("envs/{}", file.file_name().to_str().unwrap()), &spec);
        }
        self.administrator.write(".gitlab-ci.yml", TEMPLATE);
        self.administrator.write(".gitignore", "/home/\n");
        self.administrator.write("home/.gitlab-ci-local/variables.yml", &self.settings().to_string());
        self.git(&["init", "--quiet", "--initial-branch=dev"]);
        self.git(&["remote", "add", "origin", "git@gitlab.com:acme/clickstream.git"]);
        self.commit();
    }

    /// Commits every file as it is.
    pub(super) fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["-c", "user.name=Ann", "-c", "user.email=ann@example.org", "commit", "--quiet", "--message=Change"]);
    }

    /// What is set in the project's CI/CD settings; a value may be of one environment.
    fn settings(&self) -> Value {
        let role = |name: &str| format!("arn:aws:iam::{}:role/{name}", self.account.id);
        let mut variables = json!({
            "AWS_PLAN_ROLE_ARN": { "values": { "dev": role("plan-dev"), "staging": role("plan-staging") } },
            "AWS_APPLY_ROLE_ARN": { "values": { "dev": role("apply-dev"), "staging": role("apply-staging") } },
            "AWS_ENDPOINT_URL": self.account.endpoint(),
        });
        for (name, value) in STATE {
            // A plain string that begins with `/` is a file's name to gitlab-ci-local.
            variables[name] = json!({ "type": "variable", "values": { "*": value } });
        }
        json!({ "project": { "gitlab.com/acme/clickstream.git": variables } })
    }

    fn git(&self, arguments: &[&str]) {
        let output = self.in_folder(&mut Command::new("git")).args(arguments).output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// A checkout of a branch as a job gets it: nothing is left of earlier jobs but what they handed in as artifacts.
    pub(super) fn checkout(&self, branch: &str) {
        self.git(&["checkout", "--quiet", "-B", branch]);
        self.git(&["clean", "-d", "--force", "--quiet", "-x", "--exclude=home", "--exclude=.gitlab-ci-local"]);
    }

    /// Pushes a branch, which runs all of its jobs but the manual ones.
    pub(super) fn push(&self, branch: &str) -> Run {
        self.checkout(branch);
        self.run(branch, &[], &[])
    }

    /// Runs one job, which sees the repository and the artifacts that it needs, and nothing else.
    pub(super) fn play(&self, branch: &str, job: &str, variables: &[(&str, &str)]) -> Run {
        self.checkout(branch);
        self.run(branch, variables, &["--shell-isolation", job])
    }

    /// Has jobs run a script before each pipectl.
    pub(super) fn witness(&self, script: &str) {
        let pipectl = format!("#!/bin/sh\n{script}\nexec '{}' \"$@\"\n", env!("CARGO_BIN_EXE_pipectl"));
        self.administrator.write("home/bin/pipectl", &pipectl);
        let file = self.administrator.path("home/bin/pipectl");
        fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Runs jobs on a branch with variables of that pipeline.
    pub(super) fn run(&self, branch: &str, variables: &[(&str, &str)], arguments: &[&str]) -> Run {
        let token = credentials::token(branch);
        let mut command = self.gitlab_ci_local(&[variables, &[("AWS_TOKEN", &token)]].concat());
        let output = command.args(["--artifacts-to-source=false"]).args(arguments).output().unwrap();
        let log = [output.stdout, output.stderr].concat();
        Run { passed: output.status.success(), log: String::from_utf8(log).unwrap() }
    }

    /// What gitlab-ci-local says of the template: `--preview`, `--list-csv`.
    pub(super) fn ask(&self, variables: &[(&str, &str)], arguments: &[&str]) -> String {
        let output = self.gitlab_ci_local(variables).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn gitlab_ci_local(&self, variables: &[(&str, &str)]) -> Command {
        let mut command = self.tools.gitlab_ci_local(self.administrator.path("home/bin"));
        self.in_folder(&mut command).env("AWS_EC2_METADATA_DISABLED", "true");
        let names: Vec<&str> = variables.iter().map(|(name, _)| *name).collect();
        command.env("GCL_IGNORE_PREDEFINED_VARS", names.join(","));
        for (name, value) in variables {
            command.args(["--variable", &format!("{name}={value}")]);
        }
        command
    }

    fn in_folder<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .current_dir(self.administrator.path("."))
            .env("HOME", self.administrator.path("home"))
            .env("NO_COLOR", "1")
    }

    /// Where an artifact of a job is kept, relative to the folder.
    pub(super) fn artifact(job: &str, file: &str) -> String {
        format!(".gitlab-ci-local/artifacts/{job}/{file}")
    }

    /// The plan that the last plan job handed in.
    pub(super) fn plan(&self) -> Value {
        serde_json::from_str(&self.administrator.read(&Self::artifact("plan", "plan.json"))).unwrap()
    }
}

impl Run {
    /// Asserts that it passed.
    #[track_caller]
    pub(super) fn passes(self) -> Self {
        assert!(self.passed, "{}", self.log);
        self
    }

    /// Asserts that a job failed with that exit code and these words.
    #[track_caller]
    pub(super) fn fails(self, code: i32, said: &[&str]) -> Self {
        for text in said.iter().copied().chain([format!("FAIL {code}").as_str()]) {
            assert!(self.log.contains(text), "`{text}` is not said:\n{}", self.log);
        }
        assert!(!self.passed, "{}", self.log);
        self
    }
}
