//! Where an environment's state is kept: as the spec says, or as two environment variables say, which name SSM parameters.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::anyhow;

use crate::aws::Aws;
use crate::aws::location::{Location, LocationError, Parameters};
use crate::cli::failure::Failure;
use crate::ops::Fault;
use crate::spec::{State, StateLocation};
use crate::state::blobs::Blobs;
use crate::state::local::Local;

/// A place for the states of a project's environments.
pub(super) enum Place {
    /// A folder of a bucket.
    Bucket(Location),
    /// A folder of this machine.
    Folder(PathBuf),
}

/// Finds the place: what `[state]` says, or what `S3_BUCKET_SSM` and `S3_FOLDER_SSM` lead to.
pub(super) async fn find(state: Option<&State>, aws: &Aws) -> Result<Place, Failure> {
    let parameters = match state.and_then(State::location) {
        Some(StateLocation::Local(folder)) => return Ok(Place::Folder(folder.into())),
        Some(StateLocation::Bucket { bucket, folder }) => {
            return Ok(Place::Bucket(Location::new(bucket, folder).map_err(explained)?));
        }
        Some(StateLocation::Parameters { bucket, folder }) => {
            Parameters { bucket: bucket.to_owned(), folder: folder.to_owned() }
        }
        None => Parameters::of_environment(|name| std::env::var(name).ok()).map_err(explained)?,
    };
    Ok(Place::Bucket(parameters.locate(aws).await.map_err(explained)?))
}

fn explained(error: LocationError) -> Failure {
    let help = error.help();
    Fault::helped(error, help).into()
}

impl Place {
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
