//! What the room of a resource type answers.

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::facets::{AtRest, Import, Metrics, Price, Status, Takes};
use crate::model::access::Rules;
use crate::model::audit::AuditEvents;
use crate::model::grant::Grant;
use crate::model::kind::Ownership;

/// One AWS resource type, as far as it can be known without asking AWS.
///
/// `Spec` is filled from the blueprint and from AWS: equality of the two is the diff. Defaults stand in the type, sets are
/// `BTreeSet`, tags are [`Tags`](crate::model::tags::Tags), policies are [`Policy`](crate::model::policy::Policy): so nothing
/// is compared by hand.
pub(crate) trait ResourceType: Send + Sync + 'static {
    /// `kinesis_stream`; never changes once released.
    const KIND: &'static str;
    /// CloudFormation's name: `AWS::Kinesis::Stream`.
    const AWS_TYPE: &'static str;
    /// How it is known whose a live one is.
    const OWNERSHIP: Ownership;
    /// The IAM actions that its calls need, and those of the data path, each with what IAM checks it on.
    const GRANTS: &'static [Grant];
    /// The events of the calls that make, delete and change it, whoever makes them.
    const AUDIT_EVENTS: &'static AuditEvents;
    /// What its attributes have to do with access; a test fails for an attribute without an answer.
    ///
    /// Tags are `Nothing` although somebody's policies may ask for them: nobody but he knows which.
    const ACCESS: &'static Rules;
    /// Whether a cost estimate has a price for it.
    const PRICE: Price;
    /// Whether an import takes it into a spec.
    const IMPORT: Import;
    /// What `status` says of it, beyond that it exists.
    const STATUS: Status;
    /// Where CloudWatch has its metrics.
    const METRICS: Metrics;
    /// `[first]` and `[second]`, two complete and different specs with the same key, in TOML; before them a list
    /// `[[needs]]` of what they stand on: another type's attributes with its `kind`, or a `queue` by name.
    const EXAMPLES: &'static str;
    /// Its attributes.
    type Spec: Clone + PartialEq + Serialize + DeserializeOwned + JsonSchema + Send + Sync;
    /// What AWS makes up; by default what nobody knows yet, which is empty.
    type Outputs: Default + Serialize + DeserializeOwned + Send + Sync;

    /// Fills in what follows from files on this machine; an error says what is wrong with them.
    fn resolve_local_files(_spec: &mut Self::Spec) -> Result<(), String> {
        Ok(())
    }
    /// Of a type that has a policy of its own: the calls without which it can be neither read nor changed.
    const MANAGED_BY: &'static [&'static str] = &[];
    /// What IAM calls it where policies can name it: `role`, `user`.
    const PRINCIPAL: Option<&'static str> = None;

    /// The role to whose id AWS binds it beyond what its policies name.
    fn bound_to(_want: &Self::Spec) -> Option<String> {
        None
    }
    /// Takes out what AWS has bound to the id of a principal, so that `update` writes it again.
    fn unbind(_live: &mut Self::Spec) {}
    /// What it is found by.
    fn key(spec: &Self::Spec) -> String;
    /// How it keeps data at rest.
    fn at_rest(spec: &Self::Spec) -> AtRest;
    /// What it takes of what an account may hold.
    fn takes(spec: &Self::Spec) -> Takes;
    /// Respells what AWS returned as the spec spells it, where the two mean the same.
    fn align(_now: &mut Self::Spec, _want: &Self::Spec) {}
    /// What a user should know before the change.
    fn warnings(_now: Option<&Self::Spec>, _want: Option<&Self::Spec>) -> Vec<String> {
        Vec::new()
    }
}
