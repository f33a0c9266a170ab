//! gitlab-ci-local, the Node that it needs and rsync: fetched into `target/`, once for all test runs.

use std::env::consts::{ARCH, OS};
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use crate::support::emulator::home;

const GITLAB_CI_LOCAL: &str = "4.75.1";
/// The Node of the PATH may be too old: gitlab-ci-local needs 22.
const NODE: &str = "22.23.3";

/// rsync from Debian's archive needs its own libraries beside it.
const RSYNC: &str = "#!/bin/sh\nroot=$(dirname \"$(dirname \"$0\")\")\n\
    LD_LIBRARY_PATH=$(echo \"$root\"/usr/lib/*-linux-gnu*) exec \"$root/usr/bin/rsync\" \"$@\"\n";

/// What a pipeline runs with.
pub(super) struct Tools {
    node: PathBuf,
    script: PathBuf,
    /// The folders in which jobs find pipectl and everything else, and gitlab-ci-local rsync.
    path: Vec<PathBuf>,
}

impl Tools {
    /// gitlab-ci-local, whose jobs run in shells of this machine, and find what is in `first` before all else.
    pub(super) fn gitlab_ci_local(&self, first: PathBuf) -> Command {
        let path = std::env::join_paths([first].iter().chain(&self.path)).unwrap();
        let mut command = Command::new(&self.node);
        command.arg(&self.script).arg("--force-shell-executor").env_clear().env("PATH", path);
        command
    }
}

/// The tools. Where there is no npm to fetch them, tests are skipped; with `PIPECTL_TEST_ALL` that is a failure.
pub(super) fn tools() -> Option<&'static Tools> {
    static TOOLS: LazyLock<Option<Tools>> = LazyLock::new(|| {
        if finds("npm") {
            return Some(fetch());
        }
        assert!(std::env::var_os("PIPECTL_TEST_ALL").is_none(), "gitlab-ci-local needs npm, which is not on the PATH");
        println!("skipped: gitlab-ci-local needs npm, which is not on the PATH");
        None
    });
    TOOLS.as_ref()
}

fn fetch() -> Tools {
    let node = format!(
        "node-{}-{}",
        if OS == "macos" { "darwin" } else { OS },
        if ARCH == "x86_64" { "x64" } else { "arm64" }
    );
    let packages = install(&format!("gitlab-ci-local-{GITLAB_CI_LOCAL}-node-{NODE}"), |draft| {
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", "--prefix"]).arg(draft);
        run(npm.args([format!("gitlab-ci-local@{GITLAB_CI_LOCAL}"), format!("{node}@{NODE}")]));
    });
    let mut path = vec![Path::new(env!("CARGO_BIN_EXE_pipectl")).parent().unwrap().to_owned()];
    if !finds("rsync") {
        path.push(install("rsync", fetch_rsync).join("bin"));
    }
    path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let packages = packages.join("node_modules");
    Tools { node: packages.join(node).join("bin/node"), script: packages.join("gitlab-ci-local/dist/index.js"), path }
}

/// Unpacks Debian's packages, in the versions of this Debian: installing them would take the machine's administrator.
fn fetch_rsync(draft: &Path) {
    run(Command::new("apt-get").args(["download", "rsync", "libxxhash0", "libpopt0"]).current_dir(draft));
    for file in fs::read_dir(draft).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
        run(Command::new("dpkg").arg("-x").arg(file).arg(draft));
    }
    fs::create_dir(draft.join("bin")).unwrap();
    fs::write(draft.join("bin/rsync"), RSYNC).unwrap();
    fs::set_permissions(draft.join("bin/rsync"), fs::Permissions::from_mode(0o755)).unwrap();
}

/// A folder below `target/` that `fill` filled: whole or not at all, and by one process at a time.
fn install(name: &str, fill: impl FnOnce(&Path)) -> PathBuf {
    let place = home().join(name);
    fs::create_dir_all(home()).unwrap();
    let lock = File::create(home().join(format!("{name}.lock"))).unwrap();
    lock.lock().unwrap();
    if !place.exists() {
        println!("fetching {name}");
        let draft = home().join(format!("{name}.partial"));
        let _ = fs::remove_dir_all(&draft);
        fs::create_dir(&draft).unwrap();
        fill(&draft);
        fs::rename(&draft, &place).unwrap();
    }
    place
}

/// Whether a program is on the PATH.
fn finds(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
