//! What a spec uses that is somebody else's, as the plan shows it and the grants name it.

use std::collections::BTreeMap;

use super::own_type;
use super::resolved::resolve;
use crate::model::address::Address;
use crate::model::graph::External;
use crate::model::scope::Scope;
use crate::spec::Spec;
use crate::spec::external::FoundBy;

/// What is read for the name of something external: a parameter of this account, or an object.
fn read_from(found_by: &FoundBy, scope: &Scope) -> Option<String> {
    let FoundBy::Other(by) = found_by else { return None };
    let parameter = |name: &String| scope.arn("ssm", &format!("parameter/{}", name.trim_start_matches('/')));
    let object = |url: &String| url.strip_prefix("s3://").map(|object| scope.bucket_arn(object));
    by.ssm.as_ref().map(parameter).or_else(|| by.tfstate.as_ref().and_then(object))
}

/// Everything external of a spec, by address.
pub(super) fn used(spec: &Spec, scope: &Scope) -> BTreeMap<Address, External> {
    let used = spec.blocks.externals().filter_map(|(kind, name, external)| {
        let of = own_type(kind)?;
        let resolved = resolve(kind, name, spec, scope);
        let used = External {
            kind: of.name().to_owned(),
            aws_type: of.aws_type().to_owned(),
            arn: resolved.arn,
            name: resolved.name,
            kms_key: resolved.key,
            account: external.account().unwrap_or(&scope.account).to_owned(),
            found_by: external.external.to_string(),
            read_from: read_from(&external.external, scope),
        };
        Some((Address::block(kind.name(), name), used))
    });
    used.collect()
}
