//! The layers of a function.

use std::collections::BTreeMap;

use crate::spec::arn::Arn;
use crate::spec::check::Checks;

/// Checks that the layers are of the function's region, and each named in one version.
pub(super) fn check(layers: &[String], region: &str, checks: &mut Checks<'_>) {
    let mut seen = BTreeMap::new();
    for (i, layer) in layers.iter().enumerate() {
        let path = format!("layers.{i}");
        let Some(arn) = Arn::parse(layer) else { continue };
        if let Some(elsewhere) = arn.elsewhere(region) {
            checks.error(&path, format!("the layer {elsewhere}"));
        } else if arn.region != region {
            checks
                .error(&path, format!("the layer is in the region `{}`, and the function in `{region}`", arn.region))
                .help("Lambda takes layers of the function's region alone");
        }
        let name = layer.rsplit_once(':').map_or(layer.as_str(), |(name, _)| name);
        if seen.insert(name, i).is_some() {
            checks
                .error(&path, "another version of this layer is listed as well")
                .help("leave one out: Lambda takes one version of a layer");
        }
    }
}
