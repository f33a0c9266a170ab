//! What `pipectl bootstrap` is to make, and the making of it.

use super::{SpecArgs, aws_of, check_account, load};
use crate::aws::bootstrap::{StatePlace, bootstrap};
use crate::aws::location::{Location, Parameters};
use crate::cli::failure::Failure;
use crate::report::style::Clean;
use crate::spec::{Spec, State, StateLocation};

/// The folder, unless another is named.
pub(in crate::cli) const FOLDER: &str = "pipectl";

/// What a user may say about the state's place; what the spec says goes first.
pub(in crate::cli) struct Wanted {
    /// The bucket; absent: `<project>-pipectl-state-<account>`.
    pub(in crate::cli) bucket: Option<String>,
    /// The folder in it.
    pub(in crate::cli) folder: String,
    /// The SSM parameters that are to hold bucket and folder; absent: `/<project>/pipectl/state-…`.
    pub(in crate::cli) parameters: Option<(String, String)>,
    /// For how many days an overwritten version of a state is kept.
    pub(in crate::cli) keep_days: u32,
}

/// What is there now.
pub(in crate::cli) struct Made {
    /// A line for each thing.
    pub(in crate::cli) done: Vec<String>,
    /// The bucket.
    pub(in crate::cli) bucket: String,
    /// The folder in it.
    pub(in crate::cli) folder: String,
    /// The parameters that hold both, if any were wanted.
    pub(in crate::cli) parameters: Option<(String, String)>,
}

/// Makes the state's place for the environment of a spec.
pub(in crate::cli) async fn make_place(args: &SpecArgs, wanted: Wanted) -> Result<Made, Failure> {
    let loaded = load(args, None)?;
    let aws = aws_of(&loaded.spec.env);
    let scope = aws.scope().await?.clone();
    check_account(&loaded, &scope)?;
    let place = place(&loaded.spec, &scope.account, wanted)?;
    let done = bootstrap(&aws, &place).await.map_err(anyhow::Error::from)?;
    Ok(Made {
        done: done.iter().map(ToString::to_string).collect(),
        bucket: place.location.bucket,
        folder: place.location.folder,
        parameters: place.parameters.map(|parameters| (parameters.bucket, parameters.folder)),
    })
}

/// The SSM parameters that hold bucket and folder, unless others are named.
pub(super) fn usual_parameters(project: &str) -> (String, String) {
    (format!("/{project}/pipectl/state-bucket"), format!("/{project}/pipectl/state-folder"))
}

/// The bucket, unless another is named.
pub(super) fn usual_bucket(project: &str, account: &str) -> String {
    format!("{project}-pipectl-state-{account}")
}

fn place(spec: &Spec, account: &str, wanted: Wanted) -> Result<StatePlace, Failure> {
    let Wanted { bucket, folder, parameters, keep_days } = wanted;
    let project = &spec.project.name;
    let named = match spec.state.as_ref().and_then(State::location) {
        Some(StateLocation::Local(folder)) => {
            let message =
                format!("`[state]` keeps the state in the folder {}: there is nothing to make", Clean(folder));
            return Err(Failure::new(message));
        }
        Some(StateLocation::Bucket { bucket, folder }) => {
            let location = Location::new(bucket, folder).map_err(anyhow::Error::from)?;
            return Ok(StatePlace { location, parameters: None, keep_days });
        }
        Some(StateLocation::Parameters { bucket, folder }) => Some((bucket.to_owned(), folder.to_owned())),
        None => parameters,
    };
    let (bucket_ssm, folder_ssm) = named.unwrap_or_else(|| usual_parameters(project));
    let bucket = bucket.unwrap_or_else(|| usual_bucket(project, account));
    let location = Location::new(&bucket, &folder).map_err(anyhow::Error::from)?;
    Ok(StatePlace { location, parameters: Some(Parameters { bucket: bucket_ssm, folder: folder_ssm }), keep_days })
}
