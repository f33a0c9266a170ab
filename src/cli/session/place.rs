//! Where an environment's state is kept: as the spec says, or as two environment variables say, which name SSM parameters.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::anyhow;
use serde_json::{Value, json};

use super::Session;
use crate::aws::location::{Location, LocationError, Parameters};
use crate::aws::{Aws, kinds};
use crate::cli::failure::Failure;
use crate::engine::planfile::Plan;
use crate::files::project::{Links, NoPath, Project, is_written_inside};
use crate::ops::Fault;
use crate::ops::site::{Site, States};
use crate::report::style::Clean;
use crate::spec::external::Producer;
use crate::spec::{State, StateLocation};
use crate::state::blobs::Blobs;
use crate::state::local::Local;
use crate::state::store::StateStore;

/// A place for the states of a project's environments.
pub(super) enum StatePlace {
    /// A folder of a bucket.
    Bucket(Location),
    /// A folder of this machine.
    Folder(PathBuf),
}

/// Finds the place: what `[state]` says, or what `S3_BUCKET_SSM` and `S3_FOLDER_SSM` lead to.
pub(super) async fn find(state: Option<&State>, env: &str, aws: &Aws) -> Result<StatePlace, Failure> {
    let parameters = match state.and_then(State::location) {
        Some(StateLocation::Local(folder)) => return local(folder, env),
        Some(StateLocation::Bucket { bucket, folder }) => {
            return Ok(StatePlace::Bucket(Location::new(bucket, folder).map_err(explained)?));
        }
        Some(StateLocation::Parameters { bucket, folder }) => {
            Parameters { bucket: bucket.to_owned(), folder: folder.to_owned() }
        }
        None => Parameters::of_environment(|name| std::env::var(name).ok()).map_err(explained)?,
    };
    Ok(StatePlace::Bucket(parameters.locate(aws).await.map_err(explained)?))
}

/// A folder of the project: a spec can come from anybody who may propose a change, and names no other.
fn local(folder: &str, env: &str) -> Result<StatePlace, Failure> {
    let project = Project::here().map_err(NoPath::from);
    let resolved = project.and_then(|project| project.inside(&format!("{folder}/{env}"), Links::Inside));
    resolved.map_err(|error| anyhow::Error::from(error).context("`[state] local`"))?;
    Ok(StatePlace::Folder(folder.into()))
}

pub(super) fn explained(error: LocationError) -> Failure {
    let help = error.help();
    Fault::helped(error, help).into()
}

impl StatePlace {
    /// The place that a plan names by its state's location.
    pub(super) fn of_state(location: &str) -> Result<Self, Failure> {
        if let Some(location) = Location::of_state(location) {
            return Ok(Self::Bucket(location));
        }
        // <folder>/<env>/state.json
        let folder = Path::new(location).parent().and_then(Path::parent);
        let folder = folder.ok_or_else(|| anyhow!("the plan names no place of a state: `{location}`"))?;
        Ok(Self::Folder(folder.to_owned()))
    }

    /// The place of the states of another project, or of this one's, `own`; absent where this place does not tell.
    pub(super) fn of_producer(&self, own: &str, producer: &Producer) -> Option<Self> {
        if let Some(state) = &producer.state {
            let rest = state.strip_prefix("s3://")?;
            let (bucket, folder) = rest.split_once('/').unwrap_or((rest, ""));
            return Location::new(bucket, folder).ok().map(Self::Bucket);
        }
        match self {
            Self::Bucket(location) if own == producer.project => Some(Self::Bucket(location.clone())),
            Self::Folder(folder) if own == producer.project => Some(Self::Folder(folder.clone())),
            Self::Bucket(location) => location.of_project(own, &producer.project).map(Self::Bucket),
            // A folder of this project's is no place of another's.
            Self::Folder(_) => None,
        }
    }

    /// The folder of an environment.
    pub(super) fn blobs(&self, aws: &Arc<Aws>, env: &str) -> Arc<dyn Blobs> {
        match self {
            Self::Bucket(location) => Arc::new(location.blobs(aws, env)),
            Self::Folder(folder) => Arc::new(Local::new(folder.join(env))),
        }
    }
}

/// Another place, as the command line names it.
pub(in crate::cli) struct OtherPlace {
    place: StatePlace,
    /// What `[state]` then has to say.
    pub(in crate::cli) fields: Value,
}

impl OtherPlace {
    /// Of `s3://bucket/folder`, or of `local:FOLDER`.
    pub(in crate::cli) fn named(text: &str) -> Result<Self, Failure> {
        let unfit = || {
            let error = anyhow!("`{}` is no place for a state", Clean(text));
            let help =
                "give `s3://BUCKET/FOLDER`, or `local:FOLDER` for a folder of the project, as `[state]` takes them";
            Failure::from(Fault::helped(error, help))
        };
        if let Some(folder) = text.strip_prefix("local:") {
            if !is_written_inside(folder) {
                return Err(unfit());
            }
            return Ok(Self { place: StatePlace::Folder(folder.into()), fields: json!({ "local": folder }) });
        }
        let (bucket, folder) = text.strip_prefix("s3://").and_then(|rest| rest.split_once('/')).ok_or_else(unfit)?;
        let location = Location::new(bucket, folder).map_err(explained)?;
        // `[state]` takes none without.
        if location.folder.is_empty() {
            return Err(unfit());
        }
        let fields = json!({"bucket": location.bucket, "folder": location.folder});
        Ok(Self { place: StatePlace::Bucket(location), fields })
    }
}

impl Session {
    /// The store of this environment in another place.
    pub(in crate::cli) fn store_at(&self, other: &OtherPlace) -> Result<StateStore, Failure> {
        let Site { project, env, .. } = &self.site;
        if let StatePlace::Folder(folder) = &other.place {
            local(&folder.to_string_lossy(), env)?;
        }
        let store = StateStore::new(other.place.blobs(&self.aws, env), project, env);
        if same(&store.location(), &self.site.store.location()) {
            let message = format!("the state is at {} already", Clean(&store.location()));
            return Err(Fault::helped(anyhow!(message), "name another place with `--to`").into());
        }
        Ok(store)
    }
}

/// Whether two locations are one, however their folders are written.
fn same(one: &str, other: &str) -> bool {
    one == other || (!one.contains("://") && Path::new(one).components().eq(Path::new(other).components()))
}

/// Opens the states of other environments with these credentials.
pub(super) struct Places(pub(super) Arc<Aws>);

impl States for Places {
    fn at(&self, location: &str, project: &str, env: &str) -> Option<StateStore> {
        let place = StatePlace::of_state(location).ok()?;
        Some(StateStore::new(place.blobs(&self.0, env), project, env))
    }
}

/// Where a saved plan works whose spec is not here: its own region, project and environment, under the caller's credentials.
/// Its state is where the environment's variables lead to, and where the plan says only if there are none.
pub(in crate::cli) async fn site_of(plan: &Plan) -> Result<Site, Failure> {
    let aws = Arc::new(Aws::new(Some(plan.scope.region.clone())));
    let identity = aws.identity().await?.clone();
    // There is no `[env]` that would have it assumed.
    if !plan.acts_as.is(&identity.caller) {
        let error = anyhow!(
            "the plan was made as {}, and the caller is {}",
            Clean(&plan.acts_as.to_string()),
            Clean(&identity.caller)
        );
        let help = "use credentials of that role: an AWS_PROFILE that assumes it";
        return Err(Fault::helped(error, help).into());
    }
    let place = match std::env::var_os("S3_BUCKET_SSM") {
        Some(_) => find(None, &plan.env, &aws).await?,
        None => StatePlace::of_state(&plan.state.location)?,
    };
    let store = StateStore::new(place.blobs(&aws, &plan.env), &plan.project, &plan.env);
    Ok(Site {
        registry: kinds::registry(&aws),
        states: Arc::new(Places(Arc::clone(&aws))),
        store,
        project: plan.project.clone(),
        env: plan.env.clone(),
        scope: identity.scope,
        caller: identity.caller,
        acts_as: plan.acts_as.clone(),
        secrets: aws.secrets(),
    })
}
