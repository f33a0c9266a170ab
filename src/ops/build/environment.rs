//! The environment of a build: listed, so that no credential is in it by accident.

use std::ffi::OsString;
use std::fs;
use std::io;

use tempfile::TempDir;
use tokio::process::Command;

/// What every command needs that is found by its name, and writes in somebody's language.
const LISTED: [&str; 3] = ["PATH", "LANG", "LANGUAGE"];
/// How the names of the other variables of the language begin.
const LOCALE: &str = "LC_";

/// An empty home and a folder for temporary files, which are deleted when the build is done.
pub(super) struct Home(TempDir);

impl Home {
    pub(super) fn new() -> io::Result<Self> {
        let own = tempfile::Builder::new().prefix("pipectl-build-").tempdir()?;
        for folder in ["home", "tmp"] {
            fs::create_dir(own.path().join(folder))?;
        }
        Ok(Self(own))
    }

    /// Gives a command this environment, and the variables that the spec names.
    pub(super) fn equip(&self, command: &mut Command, named: &[String]) {
        let own = [("HOME", "home"), ("TMPDIR", "tmp")];
        command.env_clear().envs(own.map(|(name, folder)| (name, self.0.path().join(folder))));
        command.envs(std::env::vars_os().filter(|(name, _)| is_listed(name, named)));
    }
}

fn is_listed(name: &OsString, named: &[String]) -> bool {
    let Some(name) = name.to_str() else { return false };
    LISTED.contains(&name) || name.starts_with(LOCALE) || named.iter().any(|one| one == name)
}
