//! Which environment is meant, and the file that describes it.

use std::path::{Path, PathBuf};

/// Which environment to load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The one of this name: `dev` is `envs/dev.toml`.
    Env(String),
    /// The one that this file describes.
    File(PathBuf),
    /// The one that this Git branch belongs to: by `[branches]` in `envs/base.toml`, else the one of its own name.
    Branch(String),
}

/// Stands for the account where nobody has said which it is: of the right shape, and nobody's.
pub const UNKNOWN_ACCOUNT: &str = "000000000000";

/// A file that describes an environment.
#[derive(Clone, Debug)]
pub(super) struct EnvFile {
    pub(super) path: PathBuf,
    /// The name that the environment must have, where it was asked for by name.
    pub(super) name: Option<String>,
}

impl EnvFile {
    pub(super) fn stem(&self) -> String {
        let stem = self.path.file_stem().map_or(Path::new(""), Path::new);
        stem.display().to_string()
    }
}
