//! Puts the parts together: the spec, AWS, the kinds and the state's store. The one place that names both sides.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::aws::{Aws, kinds};

use crate::engine::graph::{Graph, Note};
use crate::engine::planfile::SpecRef;
use crate::engine::scope::Scope;
use crate::ops::site::canonical;
use crate::spec::{self, Loaded, Options, Source, UNKNOWN_ACCOUNT};

use super::failure::Failure;

/// Which spec, and with which values instead of its own.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct SpecArgs {
    /// The environment: `dev` reads envs/dev.toml; in CI, the one of the branch
    #[arg(long, value_name = "ENV")]
    env: Option<String>,
    /// The file of the environment, wherever it is
    #[arg(long, value_name = "FILE", conflicts_with = "env")]
    env_file: Option<PathBuf>,
    /// A value instead of the spec's: stream.clicks.shards=4
    #[arg(long, value_name = "PATH=VALUE")]
    set: Vec<String>,
}

impl SpecArgs {
    /// A spec's environment by name, as it is.
    pub(super) fn named(env: &str) -> Self {
        Self { env: Some(env.to_owned()), env_file: None, set: Vec::new() }
    }

    /// The environment that was asked for; in CI the one that the branch belongs to.
    fn source(&self) -> Result<Source, Failure> {
        let branch = || std::env::var("CI_COMMIT_REF_NAME").ok().filter(|branch| !branch.is_empty());
        match (&self.env, &self.env_file) {
            (Some(env), _) => Ok(Source::Env(env.clone())),
            (None, Some(file)) => Ok(Source::File(file.clone())),
            (None, None) => branch().map(Source::Branch).ok_or_else(|| {
                Failure::new("which environment? Name it with `--env ENV` (envs/ENV.toml) or `--env-file FILE`")
            }),
        }
    }
}

/// Loads the spec, for `account` where that is known.
pub(super) fn load(args: &SpecArgs, account: Option<&str>) -> Result<Loaded, Failure> {
    let options = Options { root: PathBuf::new(), set: args.set.clone(), account: account.map(str::to_owned) };
    Ok(spec::load(&args.source()?, &options)?)
}

/// What a spec comes to, worked out offline: resources by type, and what is still missing. Every resource has been
/// through its type's own parser.
pub(super) fn preview(loaded: &Loaded) -> Result<(BTreeMap<String, usize>, Vec<Note>), Failure> {
    let registry = kinds::registry(&Arc::new(Aws::new(None)));
    let account = loaded.spec.env.account_id.as_deref().unwrap_or(UNKNOWN_ACCOUNT);
    let scope = Scope::new(account, &loaded.spec.env.region);
    let Graph { resources, notes, .. } = canonical(&registry, blueprint::build(&loaded.spec, &scope))?;
    let mut counts = BTreeMap::new();
    for resource in resources.into_values() {
        *counts.entry(resource.kind).or_default() += 1;
    }
    Ok((counts, notes))
}

/// How a plan names the spec that it comes from, so that an apply can look whether it still says the same.
pub(super) fn spec_ref(args: &SpecArgs, loaded: &Loaded) -> SpecRef {
    let file = match &args.env_file {
        Some(file) => file.display().to_string(),
        None => format!("envs/{}.toml", loaded.spec.env.name),
    };
    SpecRef { file, overrides: args.set.clone(), digest: loaded.digest.clone() }
}
