//! Where an import reads: an account and a region, before there is a spec that names them.

use std::sync::Arc;

use crate::aws::discovery::AwsDiscovery;
use crate::aws::{Aws, kinds};
use crate::cli::failure::Failure;
use crate::engine::discovery::Discovery;
use crate::engine::kind::Registry;
use crate::engine::scope::Scope;

/// An account's resources in a region.
pub(in crate::cli) struct Account {
    /// The kinds.
    pub(in crate::cli) registry: Registry,
    /// What the kinds cannot say.
    pub(in crate::cli) discovery: Arc<dyn Discovery>,
    /// Partition, account and region of the credentials.
    pub(in crate::cli) scope: Scope,
}

/// The account of the caller, in a region; without one, in that of the environment variables or the profile.
pub(in crate::cli) async fn account(region: Option<String>) -> Result<Account, Failure> {
    let aws = Arc::new(Aws::new(region));
    let scope = aws.scope().await?.clone();
    Ok(Account { registry: kinds::registry(&aws), discovery: Arc::new(AwsDiscovery::new(&aws)), scope })
}
