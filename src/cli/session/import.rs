//! Where an import reads: an account and a region, before there is a spec that names them.

use std::sync::Arc;

use crate::aws::discovery::AwsDiscovery;
use crate::aws::{Aws, kinds};
use crate::cli::failure::Failure;
use crate::model::discovery::Discovery;
use crate::model::kind::Registry;
use crate::model::scope::Scope;

/// An account and a region to read from.
pub(in crate::cli) struct Origin {
    /// The kinds.
    pub(in crate::cli) registry: Registry,
    /// What the kinds cannot say.
    pub(in crate::cli) discovery: Arc<dyn Discovery>,
    /// Partition, account and region of the credentials.
    pub(in crate::cli) scope: Scope,
}

/// The account of the caller and a region; without one, in that of the environment variables or the profile.
pub(in crate::cli) async fn origin(region: Option<String>) -> Result<Origin, Failure> {
    let aws = Arc::new(Aws::new(region));
    let scope = aws.scope().await?.clone();
    Ok(Origin { registry: kinds::registry(&aws), discovery: Arc::new(AwsDiscovery::new(&aws)), scope })
}
