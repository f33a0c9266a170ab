//! What a reference leads to: a block of the environment's own, or somebody else's. Whoever refers to it sees no difference.

use super::Build;
use crate::model::scope::Scope;
use crate::spec::blocks::{self, Kind, every_block};
use crate::spec::external::Externals;
use crate::spec::{Ref, Spec};

/// What others need to know of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Resolved {
    /// The name of its block.
    pub(super) block: String,
    /// Its name in AWS.
    pub(super) name: String,
    /// Its ARN as policies name it, which for a secret is a pattern; of a kind without one, its name.
    pub(super) arn: String,
    /// The KMS key that encrypts its data, where a customer's could.
    pub(super) key: Option<String>,
    /// Whether it is in another account than the environment.
    pub(super) foreign: bool,
}

/// What the block `kind.name` is to others. One that a spec lacks is taken for one of its own: no such spec is built.
pub(super) fn resolve(kind: Kind, name: &str, spec: &Spec, scope: &Scope) -> Resolved {
    let aws_name = spec.blocks.aws_name(kind, name, spec).unwrap_or_else(|| name.to_owned());
    let external = spec.blocks.external(kind, name);
    let arn = match (external, kind.externals()) {
        (Some(external), Externals::ByArn(form)) => external.arn(&form, name, scope),
        (None, Externals::ByArn(form)) => form.arn(&aws_name, scope),
        (_, Externals::ByName(_) | Externals::Never(_)) => aws_name.clone(),
    };
    let key = match external {
        Some(external) => external.key().map(str::to_owned),
        None => own_key(kind, name, spec),
    };
    let foreign = external.is_some_and(|external| external.is_outside(&scope.account));
    Resolved { block: name.to_owned(), name: aws_name, arn, key, foreign }
}

/// The same of a reference.
pub(super) fn of<T>(block: &Ref<T>, spec: &Spec, scope: &Scope) -> Resolved {
    if let Some(kind) = Kind::named(block.kind()) {
        return resolve(kind, block.name(), spec, scope);
    }
    let name = block.name().to_owned();
    Resolved { block: name.clone(), name: name.clone(), arn: name, key: None, foreign: false }
}

/// The KMS key of a block of the environment's own.
fn own_key(kind: Kind, name: &str, spec: &Spec) -> Option<String> {
    macro_rules! key {
        ($($room:ident::$block:ident),* $(,)?) => {
            match kind {
                $(Kind::$block => {
                    let block = spec.blocks.$room.own().get(name)?;
                    <blocks::$room::$block as Build>::key(block).map(str::to_owned)
                })*
            }
        };
    }
    every_block!(key!)
}
