//! Puts the parts together: the spec, AWS, the kinds and the state's store. The one place that names both sides.

mod bootstrap;
mod import;
mod permissions;
mod place;

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::aws::account::AwsAccount;
use crate::aws::data::AwsData;
use crate::aws::trail::AwsTrail;
use crate::aws::{Aws, kinds};
use crate::blueprint;
use crate::cli::failure::Failure;
use crate::cli::printer::Printer;
use crate::engine::account::Account;
use crate::engine::data::DataPlane;
use crate::engine::graph::Graph;
use crate::engine::kind::Registry;
use crate::engine::planfile::{Plan, SpecRef};
use crate::engine::scope::Scope;
use crate::engine::trail::Trail;
use crate::ops::Fault;
use crate::ops::build::build;
use crate::ops::site::{Site, canonical};
use crate::spec::diagnostic::Diagnostics;
use crate::spec::{self, Loaded, Options, Source, UNKNOWN_ACCOUNT};
use crate::state::store::StateStore;

pub(in crate::cli) use bootstrap::{FOLDER, Made, Wanted, make_place};
pub(in crate::cli) use import::{Origin, origin};
pub(in crate::cli) use permissions::{Needed, StateHint, needed};
use place::Place;

/// The variables in which GitLab CI names the branch that a job works for. That of a merge request is its target: what
/// is planned there is what merging it would change.
const BRANCH: [&str; 2] = ["CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "CI_COMMIT_REF_NAME"];

/// Which spec, and with which values instead of its own.
#[derive(Clone, Debug, clap::Args)]
pub(in crate::cli) struct SpecArgs {
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
    /// The same, with further values instead of the spec's.
    pub(in crate::cli) fn with(&self, settings: Vec<String>) -> Self {
        let mut args = self.clone();
        args.set.extend(settings);
        args
    }

    /// The environment that was asked for; in CI the one that the branch belongs to.
    fn source(&self) -> Result<Source, Failure> {
        let set = |name: &&str| std::env::var(name).ok().filter(|branch| !branch.is_empty());
        let branch = || BRANCH.iter().find_map(set);
        match (&self.env, &self.env_file) {
            (Some(env), _) => Ok(Source::Env(env.clone())),
            (None, Some(file)) => Ok(Source::File(file.clone())),
            (None, None) => branch().map(Source::Branch).ok_or_else(|| {
                Failure::new("which environment? Name it with `--env ENV` (envs/ENV.toml) or `--env-file FILE`")
            }),
        }
    }

    /// The file to which a mistake is tied that is in none: the environment's own where there is one.
    pub(in crate::cli) fn file(&self) -> String {
        let own = self.env.as_ref().map(|env| format!("envs/{env}.toml")).filter(|file| Path::new(file).is_file());
        let named = self.env_file.as_ref().map(|file| file.display().to_string());
        named.or(own).unwrap_or_else(|| "envs/base.toml".to_owned())
    }
}

/// Loads the spec, for `account` where that is known.
pub(in crate::cli) fn load(args: &SpecArgs, account: Option<&str>) -> Result<Loaded, Failure> {
    let options = Options { root: PathBuf::from("."), set: args.set.clone(), account: account.map(str::to_owned) };
    Ok(spec::load(&args.source()?, &options)?)
}

/// The spec, and whose account it is for. AWS is asked for that only where the spec does not say it and `needed` finds
/// that it has to be known.
pub(in crate::cli) async fn scoped(
    args: &SpecArgs,
    needed: impl FnOnce(&Loaded) -> bool,
) -> Result<(Loaded, Scope), Failure> {
    let loaded = load(args, None)?;
    let env = &loaded.spec.env;
    if env.account_id.is_none() && needed(&loaded) {
        let scope = Aws::new(Some(env.region.clone())).scope().await?.clone();
        return Ok((load(args, Some(&scope.account))?, scope));
    }
    let scope = Scope::new(env.account_id.as_deref().unwrap_or(UNKNOWN_ACCOUNT), &env.region);
    Ok((loaded, scope))
}

/// What a spec comes to without a call to AWS, and the kinds of its resources. Every resource has been through its type's
/// own parser.
pub(in crate::cli) fn offline(loaded: &Loaded) -> Result<(Graph, Registry), Failure> {
    let registry = kinds::registry(&Arc::new(Aws::new(None)));
    let account = loaded.spec.env.account_id.as_deref().unwrap_or(UNKNOWN_ACCOUNT);
    let scope = Scope::new(account, &loaded.spec.env.region);
    Ok((graph(loaded, &scope, &registry)?, registry))
}

/// A spec, its resources in canonical form, and where they would be: of the account that the spec names, else of the
/// given one.
pub(in crate::cli) fn offline_in(args: &SpecArgs, account: Option<&str>) -> Result<(Loaded, Graph, Scope), Failure> {
    let registry = kinds::registry(&Arc::new(Aws::new(None)));
    let loaded = load(args, account)?;
    let named = loaded.spec.env.account_id.as_deref();
    if let (Some(named), Some(account)) = (named, account)
        && named != account
    {
        return Err(Failure::new(format!("`[env] account_id` of {} allows only {named}", loaded.spec.env.name)));
    }
    let account = named.or(account).ok_or_else(|| {
        let error = anyhow::anyhow!("whose account? {} names none", loaded.spec.env.name);
        Fault::helped(error, "name it with `--account`, or with `[env] account_id`")
    })?;
    let scope = Scope::new(account, &loaded.spec.env.region);
    let graph = graph(&loaded, &scope, &registry)?;
    Ok((loaded, graph, scope))
}

/// The resources of a spec in canonical form. What AWS would find too large, or the code that is not there, is a mistake in
/// the spec, with its place.
fn graph(loaded: &Loaded, scope: &Scope, registry: &Registry) -> Result<Graph, Failure> {
    let mut diagnostics = Diagnostics::default();
    let spec = build(&loaded.spec, || std::io::stderr().into()).unwrap_or_else(|faults| {
        for (address, message) in faults {
            diagnostics.error(loaded.place(&format!("{address}.build")), message);
        }
        Cow::Borrowed(&loaded.spec)
    });
    let graph = blueprint::build(&spec, scope);
    let too_large = blueprint::over_limits(&graph);
    let (graph, unfit) = match canonical(registry, graph) {
        Ok(graph) => (Some(graph), Vec::new()),
        Err(unfit) => (None, unfit),
    };
    for (address, message) in too_large.into_iter().chain(unfit) {
        diagnostics.error(loaded.place(address.block_name()), message);
    }
    graph.filter(|_| !diagnostics.has_errors()).ok_or_else(|| loaded.report(diagnostics).into())
}

/// How a plan names the spec that it comes from, so that an apply can look whether it still says the same.
fn spec_ref(args: &SpecArgs, loaded: &Loaded) -> SpecRef {
    let file = match &args.env_file {
        Some(file) => file.display().to_string(),
        None => format!("envs/{}.toml", loaded.spec.env.name),
    };
    SpecRef { file, overrides: args.set.clone(), digest: loaded.digest.clone() }
}

/// The digest of what a plan's spec says now, if it is here and valid.
pub(in crate::cli) fn digest_of(spec: &SpecRef, account: &str) -> Option<String> {
    let source = Source::File(PathBuf::from(&spec.file));
    let options = Options { root: PathBuf::from("."), set: spec.overrides.clone(), account: Some(account.to_owned()) };
    spec::load(&source, &options).ok().map(|loaded| loaded.digest)
}

/// A spec, what it comes to in the caller's account, and where to work on it.
pub(in crate::cli) struct Session {
    /// The spec.
    pub(in crate::cli) loaded: Loaded,
    /// How a plan names it.
    pub(in crate::cli) spec: SpecRef,
    /// Its resources, in canonical form.
    pub(in crate::cli) graph: Graph,
    /// Where to work.
    pub(in crate::cli) site: Site,
    /// Records, objects, metrics, logs.
    pub(in crate::cli) data: Arc<dyn DataPlane>,
    /// What the caller may do, and what the account may hold.
    pub(in crate::cli) account: Arc<dyn Account>,
    /// Who called what.
    pub(in crate::cli) trail: Arc<dyn Trail>,
}

impl Session {
    /// Loads the spec, and asks at once who the caller is and where the state is: one round trip.
    pub(in crate::cli) async fn open(args: &SpecArgs, printer: Printer) -> Result<Self, Failure> {
        let mut loaded = load(args, None)?;
        crate::cli::validate::print(&loaded.warnings(), printer);
        let aws = Arc::new(Aws::new(Some(loaded.spec.env.region.clone())));
        let (identity, place) =
            tokio::join!(Box::pin(aws.identity()), Box::pin(place::find(loaded.spec.state.as_ref(), &aws)));
        let (identity, place) = (identity?.clone(), place?);
        check_account(&loaded, &identity.scope)?;
        if loaded.account_missing {
            loaded = load(args, Some(&identity.scope.account))?;
        }
        let (project, env) = (loaded.spec.project.name.clone(), loaded.spec.env.name.clone());
        let registry = kinds::registry(&aws);
        let graph = graph(&loaded, &identity.scope, &registry)?;
        let store = StateStore::new(place.blobs(&aws, &env), &project, &env);
        let site = Site {
            registry,
            store,
            project,
            env,
            scope: identity.scope,
            caller: identity.caller,
            secrets: aws.secrets(),
        };
        Ok(Self {
            spec: spec_ref(args, &loaded),
            loaded,
            graph,
            site,
            data: Arc::new(AwsData::new(&aws)),
            account: Arc::new(AwsAccount::new(&aws)),
            trail: Arc::new(AwsTrail::new(&aws)),
        })
    }
}

/// Where a saved plan works: its own region, project, environment and state, under the caller's credentials.
pub(in crate::cli) async fn site_of(plan: &Plan) -> Result<Site, Failure> {
    let aws = Arc::new(Aws::new(Some(plan.scope.region.clone())));
    let identity = aws.identity().await?.clone();
    let place = Place::of_state(&plan.state.location)?;
    let store = StateStore::new(place.blobs(&aws, &plan.env), &plan.project, &plan.env);
    Ok(Site {
        registry: kinds::registry(&aws),
        store,
        project: plan.project.clone(),
        env: plan.env.clone(),
        scope: identity.scope,
        caller: identity.caller,
        secrets: aws.secrets(),
    })
}

/// Refuses the credentials of another account than the spec's.
pub(in crate::cli) fn check_account(loaded: &Loaded, scope: &Scope) -> Result<(), Failure> {
    match &loaded.spec.env.account_id {
        Some(wanted) if *wanted != scope.account => Err(Failure::new(format!(
            "these credentials are of account {}, and `[env] account_id` of {} allows only {wanted}",
            scope.account, loaded.spec.env.name
        ))),
        _ => Ok(()),
    }
}

/// The kinds, in a stand-in for AWS.
pub(in crate::cli) fn emulated(endpoint: &str, account: &str, region: &str) -> Registry {
    kinds::registry(&Arc::new(Aws::emulated(endpoint, account, region)))
}
