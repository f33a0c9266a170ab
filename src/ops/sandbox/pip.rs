//! How pip is run: without what the user's environment says of anything but where packages are.
//!
//! Where they come from is no matter of trust where each file's digest is known beforehand.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

use super::error::tail;
use super::{Error, Result};
use crate::files::bounded;

const WATCHDOG: &str = include_str!("watchdog.py");
const LOCATIONS: &str = include_str!("locations.py");

/// What is taken over of the environment: where programs are, how the network is reached, whose certificates are believed.
const KEPT: [&str; 15] = [
    "PATH",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
];
/// Largest configuration, in bytes.
const MAX_CONFIGURATION: u64 = 1 << 20;

/// A Python command with an environment of its own. It ends with this process, and takes `folder` with it, which it fills.
pub(super) fn watched(base: &Path, python: &Path, folder: &Path) -> Command {
    let mut command = Command::new(base);
    command.args(["-I", "-c", WATCHDOG]).arg(folder).arg(python).arg("-I");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    bare(&mut command, folder);
    command
}

/// Gives a command the listed environment, with `home` as the user's folder.
fn bare(command: &mut Command, home: &Path) {
    command.env_clear().env("HOME", home);
    command.envs(KEPT.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
}

/// The environment variables that say to pip where packages are, as the user's configuration says it, and that it need not
/// look for any other configuration.
///
/// # Errors
/// When pip does not tell its configuration.
pub(super) async fn locations(python: &Path) -> Result<BTreeMap<String, String>> {
    let mut command = Command::new(python);
    command.args(["-I", "-c", LOCATIONS]).stdin(Stdio::null()).kill_on_drop(true);
    // This one reads the user's configuration: it installs nothing.
    let output = command.output().await.map_err(Error::io("run", python))?;
    let known = bounded::all(&*output.stdout, MAX_CONFIGURATION).ok();
    let known: Option<BTreeMap<String, String>> = known.and_then(|text| serde_json::from_slice(&text).ok());
    let Some(mut known) = known.filter(|_| output.status.success()) else {
        let (step, status) = ("reading pip's configuration".to_owned(), output.status);
        let output = tail(&String::from_utf8_lossy(&output.stderr), 5);
        return Err(Error::Install { step, status, output });
    };
    known.insert("PIP_CONFIG_FILE".to_owned(), "/dev/null".to_owned());
    if let Some(netrc) = netrc() {
        known.insert("NETRC".to_owned(), netrc);
    }
    Ok(known)
}

/// Where the user keeps what private indices ask for.
fn netrc() -> Option<String> {
    let file = match std::env::var_os("NETRC") {
        Some(file) => file.into(),
        None => Path::new(&std::env::var_os("HOME")?).join(".netrc"),
    };
    file.is_file().then(|| file.display().to_string())
}
