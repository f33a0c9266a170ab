//! What a spec uses that is somebody else's, as the plan shows it and the grants name it.

use std::collections::BTreeMap;

use super::resolved::resolve;
use super::subject;
use crate::model::address::Address;
use crate::model::graph::{External, Reference};
use crate::model::scope::Scope;
use crate::spec::Spec;
use crate::spec::external::{External as Found, FoundBy, Output};

/// What is read for the name of something external: a parameter of this account, or an object.
fn read_from(external: &Found, scope: &Scope) -> Option<String> {
    let FoundBy::Other(by) = &external.external else { return None };
    let parameter = |name: &String| scope.arn("ssm", &format!("parameter/{}", name.trim_start_matches('/')));
    let object = |url: &String| url.strip_prefix("s3://").map(|object| scope.bucket_arn(object));
    let state = external.found.as_ref().and_then(|found| found.state.as_ref());
    let parameter = by.ssm.as_ref().map(parameter);
    parameter.or_else(|| by.tfstate.as_ref().and_then(object)).or_else(|| state.and_then(object))
}

/// The block of another environment that it is.
fn reference(external: &Found) -> Option<Reference> {
    let Output { producer, block } = external.external.output()?;
    let weak = matches!(&external.external, FoundBy::Other(by) if by.weak);
    let state = external.found.as_ref().and_then(|found| found.state.clone());
    let registered = external.found.as_ref().is_some_and(|found| found.registered);
    Some(Reference { project: producer.project, env: producer.env, block, state, weak, registered })
}

/// Everything external of a spec, by address.
pub(super) fn used(spec: &Spec, scope: &Scope) -> BTreeMap<Address, External> {
    let used = spec.blocks.externals().filter_map(|(kind, name, external)| {
        let of = subject(kind)?;
        let resolved = resolve(kind, name, spec, scope);
        let used = External {
            kind: of.name().to_owned(),
            aws_type: of.aws_type().to_owned(),
            arn: resolved.arn,
            name: external.known_name(kind.externals()).unwrap_or_else(|| external.external.to_string()),
            kms_key: resolved.key,
            account: external.account().unwrap_or(&scope.account).to_owned(),
            found_by: external.external.to_string(),
            read_from: read_from(external, scope),
            reference: reference(external),
        };
        Some((Address::block(kind.name(), name), used))
    });
    used.collect()
}
