//! What `pipectl deploy-policy` prints, worked out: offline, where the spec says its account.

use std::sync::Arc;

use super::bootstrap::{usual_bucket, usual_parameters};
use super::externals;
use super::place::explained;
use super::{Code, SpecArgs, graph, scoped};
use crate::aws::location::{Location, LocationError, Parameters};
use crate::aws::{Aws, kinds};
use crate::cli::failure::Failure;
use crate::model::scope::Scope;
use crate::ops::Fault;
use crate::ops::deploy_policy::{Policies, StatePlace, Subject, policies, writes_policies};
use crate::spec::{Loaded, State, StateLocation};

/// Where the state is, as far as only SSM parameters say so: they are not read.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) struct StateHint<'a> {
    /// The bucket; absent: the one that `pipectl bootstrap` makes.
    pub(in crate::cli) bucket: Option<&'a str>,
    /// The folder in it.
    pub(in crate::cli) folder: &'a str,
}

/// What the roles of an environment need.
pub(in crate::cli) struct Needed {
    /// The spec.
    pub(in crate::cli) loaded: Loaded,
    /// Where its resources live.
    pub(in crate::cli) scope: Scope,
    /// Where its state is; absent where it is a folder of this machine.
    pub(in crate::cli) state: Option<StatePlace>,
    /// The policies.
    pub(in crate::cli) policies: Policies,
    /// Whether who may apply could give roles and users more than who applies has.
    pub(in crate::cli) unbounded: bool,
}

/// Works out what the roles of an environment need.
pub(in crate::cli) async fn needed(args: &SpecArgs, hint: StateHint<'_>, by_prefix: bool) -> Result<Needed, Failure> {
    let (loaded, scope) = scoped(args, |_| true).await?;
    let loaded = externals::with_names(args, loaded, &scope).await?;
    let registry = kinds::registry(&Arc::new(Aws::new(None)));
    let graph = graph(&loaded, &scope, &registry, Code::None)?;
    let (project, env) = (&loaded.spec.project.name, &loaded.spec.env.name);
    let boundary = loaded.spec.env.permissions_boundary.as_deref();
    let state = state_place(loaded.spec.state.as_ref(), hint, project, &scope)?;
    let state_of = state.as_ref();
    let subject = Subject {
        registry: &registry,
        graph: &graph,
        scope: &scope,
        project,
        env,
        state: state_of,
        boundary,
        by_prefix,
    };
    let policies = policies(&subject).map_err(|error| {
        Fault::helped(error, "`--prefix` names resources by the beginning of their names, which takes far less room")
    })?;
    let unbounded = boundary.is_none() && writes_policies(&graph);
    Ok(Needed { loaded, scope, state, policies, unbounded })
}

fn state_place(
    state: Option<&State>,
    hint: StateHint<'_>,
    project: &str,
    scope: &Scope,
) -> Result<Option<StatePlace>, Failure> {
    let place = |bucket: &str, folder: &str, parameters| {
        let Location { bucket, folder } = Location::new(bucket, folder).map_err(explained)?;
        Ok(Some(StatePlace { bucket, folder, parameters }))
    };
    let (bucket, folder) = match state.and_then(State::location) {
        Some(StateLocation::Local(_)) => return Ok(None),
        Some(StateLocation::Bucket { bucket, folder }) => return place(bucket, folder, None),
        Some(StateLocation::Parameters { bucket, folder }) => (bucket.to_owned(), folder.to_owned()),
        None => match Parameters::of_environment(|name| std::env::var(name).ok()) {
            Ok(Parameters { bucket, folder }) => (bucket, folder),
            Err(error @ LocationError::Unusable { .. }) => return Err(explained(error)),
            Err(_) => usual_parameters(project),
        },
    };
    let usual = || usual_bucket(project, &scope.account);
    let of_bucket = hint.bucket.map_or_else(usual, str::to_owned);
    place(&of_bucket, hint.folder, Some([bucket, folder]))
}
