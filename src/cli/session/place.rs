//! Where an environment's state is kept: as the spec says, or as two environment variables say, which name SSM parameters.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::anyhow;

use crate::aws::Aws;
use crate::aws::location::{Location, LocationError, Parameters};
use crate::cli::failure::Failure;
use crate::files::project::{Links, NoPath, Project};
use crate::ops::Fault;
use crate::spec::{State, StateLocation};
use crate::state::blobs::Blobs;
use crate::state::local::Local;

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

    /// The folder of an environment.
    pub(super) fn blobs(&self, aws: &Arc<Aws>, env: &str) -> Arc<dyn Blobs> {
        match self {
            Self::Bucket(location) => Arc::new(location.blobs(aws, env)),
            Self::Folder(folder) => Arc::new(Local::new(folder.join(env))),
        }
    }
}
