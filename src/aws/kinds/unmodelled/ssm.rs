//! Beyond the attributes of parameters of SSM.

use super::{list, set, text};
use crate::aws::ssm::Metadata;
use crate::aws::{Aws, Observed};
use crate::catalog::ssm_parameter::{self as parameter, Parameter};
use crate::model::unmodelled::{Coverage, Look, Owned, Setting, Unmodelled, Weight};

const TIER: Setting = Setting::shown("tier", Weight::Costs).undone_by("a parameter of another name");
const PATTERN: Setting = Setting::shown("allowed pattern", Weight::Other).undone_by("aws ssm put-parameter");
const POLICIES: Setting = Setting::shown("parameter policies", Weight::ChangesData).undone_by("aws ssm put-parameter");
const DATA_TYPE: Setting = Setting::shown("data type", Weight::Other).undone_by("a parameter of another name");

/// What DescribeParameters shows of a parameter besides its attributes.
pub(in crate::aws::kinds) fn shown(live: &Metadata) -> Vec<Unmodelled> {
    let policies = live.policies.iter().flatten();
    let policies = policies.map(|one| text(one.policy_type.as_deref()).unwrap_or("a policy"));
    [
        set(&TIER, live.tier.as_deref().filter(|tier| *tier != "Standard")),
        set(&PATTERN, text(live.allowed_pattern.as_deref())),
        set(&POLICIES, list(policies)),
        set(&DATA_TYPE, text(live.data_type.as_deref()).filter(|data| *data != "text")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

impl Observed for Parameter {
    const COVERAGE: &'static Coverage = &Coverage {
        named: &[&TIER, &PATTERN, &POLICIES, &DATA_TYPE],
        not_looked_at: &[
            ("labels and earlier versions", "whoever asks for the name gets the newest"),
            ("its resource policy", "AWS shares parameters of the advanced tier alone, and the tier is shown"),
        ],
    };

    async fn look_closer(_aws: &Aws, _now: &parameter::Spec, _owned: &Owned) -> Look {
        Look::default()
    }

    async fn obstacles(_aws: &Aws, _now: &parameter::Spec, _empty: bool) -> Vec<String> {
        Vec::new()
    }
}
