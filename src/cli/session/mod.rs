//! Puts the parts together: the spec, AWS, the kinds and the state's store. The one place that names both sides.

mod acting;
mod bootstrap;
mod calls;
mod code;
mod externals;
mod import;
mod permissions;
mod place;

use std::collections::BTreeMap;
use std::env::VarError;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use crate::aws::account::AwsAccount;
use crate::aws::cloudtrail::CloudTrailEvents;
use crate::aws::data::AwsData;
use crate::aws::externals::AwsExternals;
use crate::aws::{Aws, kinds};
use crate::cli::failure::Failure;
use crate::cli::printer::Printer;
use crate::cli::standing::named;
use crate::cli::waiting::waiting;
use crate::engine::planfile::SpecRef;
use crate::model::account::Account;
use crate::model::audit::AuditLog;
use crate::model::data::DataPlane;
use crate::model::graph::Graph;
use crate::model::kind::Registry;
use crate::model::scope::Scope;
use crate::ops::Fault;
use crate::ops::externals::producers::Producers;
use crate::ops::preconditions::same_scope;
use crate::ops::site::Site;
use crate::report::style::Clean;
use crate::spec::external::Found;
use crate::spec::{self, Loaded, Options, Refusal, Source, UNKNOWN_ACCOUNT};
use crate::state::store::StateStore;

pub(in crate::cli) use crate::aws::TRACES_WHOLE;
use acting::{aws_of, check_account};
pub(in crate::cli) use bootstrap::{FOLDER, Made, Wanted, make_place};
use code::graph;
pub(in crate::cli) use code::{Code, build};
pub(in crate::cli) use externals::with_names;
use externals::{Externals, look, no_misfits, producers};
pub(in crate::cli) use import::{Origin, origin};
pub(in crate::cli) use permissions::{Needed, StateHint, needed};
pub(in crate::cli) use place::{OtherPlace, site_of};
use place::{Places, StatePlace};

/// The variables in which GitLab CI names the branch that a job works for. That of a merge request is its target: what
/// is planned there is what merging it would change.
const BRANCH: [&str; 2] = ["CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "CI_COMMIT_REF_NAME"];

/// The variable that names the environment where the command line does not. It goes before the branch: somebody has set it.
const ENV: &str = "PIPECTL_ENV";

/// The variables by which a job of CI is known.
const CI: [&str; 3] = ["CI", "GITLAB_CI", "GITHUB_ACTIONS"];

/// Whether this is a job of CI, where nobody looks on.
pub(in crate::cli) fn in_ci() -> bool {
    CI.iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// Hides the job of CI and the chosen environment from `command`, which runs as on a workstation where nobody has said anything.
pub(in crate::cli) fn outside_ci(command: &mut Command) {
    CI.iter().chain(&BRANCH).chain(&[ENV]).for_each(|name| {
        command.env_remove(name);
    });
}

/// The environment that [`ENV`] names; set and empty is as good as not set.
fn of_variable() -> Result<Option<String>, Failure> {
    match std::env::var(ENV) {
        Ok(env) => Ok(Some(env).filter(|env| !env.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => {
            Err(Failure::new(format!("{ENV} is not UTF-8: set it to the name of an environment, or give `--env`")))
        }
    }
}

/// The branch that a job of CI works for.
fn branch() -> Option<String> {
    let set = |name: &&str| std::env::var(name).ok().filter(|branch| !branch.is_empty());
    BRANCH.iter().find_map(set)
}

/// Which spec, and with which values instead of its own.
#[derive(Clone, Debug, clap::Args)]
pub(in crate::cli) struct SpecArgs {
    /// The environment: `dev` reads envs/dev.toml; without it, the one that PIPECTL_ENV names, else in CI the one of the branch
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

    /// The same; where nobody says which environment, and nobody's branch does, that of a plan. In CI, somebody has to.
    pub(in crate::cli) fn or_of(&self, env: &str) -> Result<Self, Failure> {
        if self.env.is_some() || self.env_file.is_some() || of_variable()?.is_some() || branch().is_some() {
            return Ok(self.clone());
        }
        if in_ci() {
            let error = anyhow::anyhow!("which environment? In CI, a plan file that another job made does not say it");
            return Err(
                Fault::helped(error, "name it with `--env`, `--env-file` or PIPECTL_ENV, as `plan` was told").into()
            );
        }
        let is_name = env.chars().all(|letter| letter.is_alphanumeric() || "-_".contains(letter));
        if !is_name || !Path::new("envs").join(format!("{env}.toml")).is_file() {
            let error = anyhow::anyhow!("the plan is of `{}`, whose spec, envs/{0}.toml, is not here", Clean(env));
            let help = "apply it in the folder of its project, with the `--env` or `--env-file` that it was made with; a plan \
                        without its spec is applied with `--without-spec`, but not in CI";
            return Err(Fault::helped(error, help).into());
        }
        Ok(Self { env: Some(env.to_owned()), ..self.clone() })
    }

    /// The environment that the command line names.
    pub(in crate::cli) fn env(&self) -> Option<&str> {
        self.env.as_deref()
    }

    /// Whether it says what only one project can have: a file, or values instead of its own.
    pub(in crate::cli) fn is_of_one_project(&self) -> bool {
        self.env_file.is_some() || !self.set.is_empty()
    }

    /// The values instead of the spec's.
    pub(in crate::cli) fn overrides(&self) -> &[String] {
        &self.set
    }

    /// What an apply of a plan of `env` has to be told again.
    pub(in crate::cli) fn words(&self, env: &str) -> Vec<String> {
        [self.place_words(env), Self::set_words(&self.set)].concat()
    }

    /// What a plan of `env` has to be told again.
    pub(in crate::cli) fn words_for(&self, env: &str) -> Vec<String> {
        let place = match self.place_words(env) {
            named if named.is_empty() => vec!["--env".to_owned(), env.to_owned()],
            named => named,
        };
        [place, Self::set_words(&self.set)].concat()
    }

    /// What says which environment, where its own name does not.
    pub(in crate::cli) fn place_words(&self, env: &str) -> Vec<String> {
        match (&self.env, &self.env_file) {
            (Some(named), _) if named != env => vec!["--env".to_owned(), named.clone()],
            (None, Some(file)) => vec!["--env-file".to_owned(), file.display().to_string()],
            _ => Vec::new(),
        }
    }

    /// What gives these values instead of the spec's.
    pub(in crate::cli) fn set_words(values: &[String]) -> Vec<String> {
        values.iter().flat_map(|value| ["--set".to_owned(), value.clone()]).collect()
    }

    /// The environment that was asked for; where the command line does not say it, that of [`ENV`], else of the job's branch.
    pub(in crate::cli) fn source(&self) -> Result<Source, Failure> {
        match (&self.env, &self.env_file) {
            (Some(env), _) => Ok(Source::Env(env.clone())),
            (None, Some(file)) => Ok(Source::File(named(file))),
            (None, None) => of_variable()?.map(Source::Env).or_else(|| branch().map(Source::Branch)).ok_or_else(|| {
                Failure::new(
                    "which environment? Name it with `--env ENV` (envs/ENV.toml), `--env-file FILE` or PIPECTL_ENV",
                )
            }),
        }
    }

    /// The file to which a mistake is tied that is in none: the environment's own where there is one.
    pub(in crate::cli) fn file(&self) -> String {
        let env = self.env.clone().or_else(|| of_variable().ok().flatten());
        let own = env.map(|env| format!("envs/{env}.toml")).filter(|file| Path::new(file).is_file());
        let given = self.env_file.as_ref().map(|file| named(file).display().to_string());
        given.or(own).unwrap_or_else(|| "envs/base.toml".to_owned())
    }
}

/// Loads the spec, for `account` where that is known.
pub(in crate::cli) fn load(args: &SpecArgs, account: Option<&str>) -> Result<Loaded, Failure> {
    load_found(args, account, BTreeMap::new())
}

/// The same, what is somebody else's being what it was found to be.
fn load_found(args: &SpecArgs, account: Option<&str>, found: BTreeMap<String, Found>) -> Result<Loaded, Failure> {
    let account = account.map(str::to_owned);
    let options = Options { root: PathBuf::from("."), set: args.set.clone(), account, found };
    let refused = |refusal: Box<Refusal>| code::complete(*refusal, &kinds::registry(&Arc::new(Aws::new(None))));
    Ok(spec::inspect(&args.source()?, &options).map_err(refused)?)
}

/// The spec, and whose account it is for. AWS is asked for that only where the spec does not say it and `needed` finds
/// that it has to be known.
pub(in crate::cli) async fn scoped(
    args: &SpecArgs,
    needed: impl FnOnce(&Loaded) -> bool,
) -> Result<(Loaded, Scope), Failure> {
    let loaded = load(args, None)?;
    let env = &loaded.spec.env;
    if env.account().is_none() && needed(&loaded) {
        let scope = aws_of(env).scope().await?.clone();
        return Ok((load(args, Some(&scope.account))?, scope));
    }
    let scope = Scope::new(env.account().unwrap_or(UNKNOWN_ACCOUNT), &env.region);
    Ok((loaded, scope))
}

/// What a spec comes to without a call to AWS, and the kinds of its resources. Every resource has been through its type's
/// own parser.
pub(in crate::cli) fn offline(loaded: &Loaded, code: Code) -> Result<(Graph, Registry), Failure> {
    let registry = kinds::registry(&Arc::new(Aws::new(None)));
    let account = loaded.spec.env.account().unwrap_or(UNKNOWN_ACCOUNT);
    let scope = Scope::new(account, &loaded.spec.env.region);
    Ok((graph(loaded, &scope, &registry, code)?, registry))
}

/// A spec, its resources in canonical form, and where they would be: of the account that the spec names, else of the
/// given one.
pub(in crate::cli) fn offline_in(args: &SpecArgs, account: Option<&str>) -> Result<(Loaded, Graph, Scope), Failure> {
    let registry = kinds::registry(&Arc::new(Aws::new(None)));
    let loaded = load(args, account)?;
    let named = loaded.spec.env.account();
    if let (Some(named), Some(account)) = (named, account)
        && named != account
    {
        return Err(Failure::new(format!("`[env]` of {} allows only {named}", loaded.spec.env.name)));
    }
    let account = named.or(account).ok_or_else(|| {
        let error = anyhow::anyhow!("whose account? {} names none", loaded.spec.env.name);
        Fault::helped(error, "name it with `--account`, or with `[env] account_id`")
    })?;
    let scope = Scope::new(account, &loaded.spec.env.region);
    let graph = graph(&loaded, &scope, &registry, Code::None)?;
    Ok((loaded, graph, scope))
}

/// How a plan names the spec that it comes from, so that an apply can look whether it still says the same.
fn spec_ref(args: &SpecArgs, loaded: &Loaded) -> SpecRef {
    let file = match &args.env_file {
        Some(file) => named(file).display().to_string(),
        None => format!("envs/{}.toml", loaded.spec.env.name),
    };
    SpecRef { file, overrides: args.set.clone(), digest: loaded.digest.clone() }
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
    /// What its store and its kinds call.
    aws: Arc<Aws>,
    /// Records, objects, metrics, logs.
    pub(in crate::cli) data: Arc<dyn DataPlane>,
    /// What the caller may do, and what the account may hold.
    pub(in crate::cli) account: Arc<dyn Account>,
    /// Who called what.
    pub(in crate::cli) trail: Arc<dyn AuditLog>,
}

impl Session {
    /// Loads the spec, and asks at once who the caller is and where the state is: one round trip. Runs nothing of the
    /// project unless `code` is [`Code::Build`].
    pub(in crate::cli) async fn open(args: &SpecArgs, code: Code, printer: Printer) -> Result<Self, Failure> {
        let externals = Externals::needed_for(code);
        Self::opened(args, code, externals, None, printer).await
    }

    /// The same, without the code of functions, for whoever has to know what is external.
    pub(in crate::cli) async fn open_looking(args: &SpecArgs, printer: Printer) -> Result<Self, Failure> {
        Self::opened(args, Code::None, Externals::LookedAt, None, printer).await
    }

    /// The same for a plan of `planned`, to which nothing is built: with other credentials, nothing else is looked at.
    pub(in crate::cli) async fn open_for(
        args: &SpecArgs,
        code: Code,
        planned: &Scope,
        printer: Printer,
    ) -> Result<Self, Failure> {
        let externals = Externals::needed_for(code);
        Self::opened(args, code, externals, Some(planned), printer).await
    }

    async fn opened(
        args: &SpecArgs,
        code: Code,
        externals: Externals,
        planned: Option<&Scope>,
        printer: Printer,
    ) -> Result<Self, Failure> {
        let mut loaded = load(args, None)?;
        // Who made a plan has read them.
        if planned.is_none() {
            crate::cli::diagnostics::print(&loaded.warnings(), printer);
        }
        let aws = aws_of(&loaded.spec.env);
        aws.configured().await?;
        let lookups = AwsExternals::new(&aws);
        let asked = async {
            tokio::join!(
                Box::pin(aws.identity()),
                Box::pin(placed(&loaded, &aws, externals)),
                Box::pin(externals.read(&loaded, &lookups))
            )
        };
        let (identity, place, read) = waiting(printer, "asking AWS who calls, and where the state is", asked).await;
        let identity = identity?.clone();
        planned.map_or(Ok(()), |planned| same_scope(planned, &identity.scope))?;
        let (place, producers) = place?;
        check_account(&loaded, &identity.scope)?;
        let found = match read? {
            Some(read) => {
                let read = read.with(producers);
                Box::pin(look(&loaded, read, (&identity.scope, planned), &lookups, printer)).await?
            }
            None => BTreeMap::new(),
        };
        if loaded.account_missing || !found.is_empty() {
            loaded = load_found(args, Some(&identity.scope.account), found)?;
            no_misfits(&loaded, &identity.scope)?;
        }
        let (project, env) = (loaded.spec.project.name.clone(), loaded.spec.env.name.clone());
        let registry = kinds::registry(&aws);
        if code == Code::Build {
            build(&loaded, printer).await?;
        }
        let graph = graph(&loaded, &identity.scope, &registry, code)?;
        let store = StateStore::new(place.blobs(&aws, &env), &project, &env);
        let site = Site {
            registry,
            states: Arc::new(Places(Arc::clone(&aws))),
            store,
            project,
            env,
            scope: identity.scope,
            caller: identity.caller,
            acts_as: aws.acts_as().clone(),
            secrets: aws.secrets(),
        };
        Ok(Self {
            spec: spec_ref(args, &loaded),
            loaded,
            graph,
            site,
            data: Arc::new(AwsData::new(&aws)),
            account: Arc::new(AwsAccount::new(&aws)),
            trail: Arc::new(CloudTrailEvents::new(&aws)),
            aws,
        })
    }
}

/// Where the state is, and beside it the states of the environments that the spec refers to.
async fn placed(loaded: &Loaded, aws: &Arc<Aws>, externals: Externals) -> Result<(StatePlace, Producers), Failure> {
    let place = place::find(loaded.spec.state.as_ref(), &loaded.spec.env.name, aws).await?;
    let producers = match externals {
        Externals::LookedAt => producers(loaded, &place, aws).await,
        Externals::AsWritten => Producers::new(),
    };
    Ok((place, producers))
}

/// The kinds, in a stand-in for AWS.
pub(in crate::cli) fn emulated(endpoint: &str, account: &str, region: &str) -> Registry {
    kinds::registry(&Arc::new(Aws::emulated(endpoint, account, region)))
}
