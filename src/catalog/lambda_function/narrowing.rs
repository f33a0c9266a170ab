//! What a change of a function takes from it, and from who relies on it.

use super::{LINGERS, Spec};

impl Spec {
    /// What it can do no more, or less of.
    pub(super) fn narrowed_by(&self, want: &Self) -> Vec<String> {
        let again = self.package_type != want.package_type;
        let again = again.then(|| "It is deleted and made again: calls in between fail.".to_owned());
        let calls = want.reserved_concurrency.filter(|want| self.reserved_concurrency.is_none_or(|now| *want < now));
        let calls = calls.map(|calls| match calls {
            0 => "It is no longer called at all: every call is throttled.".to_owned(),
            calls => format!("More than {calls} calls at a time are throttled from then on."),
        });
        let freed = self.reserved_concurrency.filter(|_| want.reserved_concurrency.is_none());
        let freed = freed
            .map(|calls| format!("No calls are kept for it any more, which were {calls}: others may take them all."));
        let time = want.timeout_seconds < self.timeout_seconds;
        let time =
            time.then(|| format!("A call that takes longer than {} s is cut off from then on.", want.timeout_seconds));
        let memory = want.memory_mb < self.memory_mb;
        let memory = memory.then(|| format!("It has {} MB from then on, and the less CPU.", want.memory_mb));
        let storage = want.ephemeral_storage_mb < self.ephemeral_storage_mb;
        let storage = storage.then(|| format!("`/tmp` has {} MB from then on.", want.ephemeral_storage_mb));
        let layers: Vec<&str> =
            self.layers.iter().filter(|layer| !want.layers.contains(layer)).map(String::as_str).collect();
        let layers = (!layers.is_empty()).then(|| format!("It finds no more what is in {}.", layers.join(", ")));
        let format = self.log_levels.is_some() != want.log_levels.is_some();
        let format = format.then(|| {
            let format = if want.log_levels.is_some() { "JSON" } else { "text" };
            format!("It logs {format} from then on: who searches its log by the old form finds nothing new.")
        });
        let key = self.kms_key != want.kms_key;
        let key = key.then(|| match &want.kms_key {
            Some(key) => format!("Its environment is encrypted with {key}: without that key it no longer starts."),
            None => "Its environment is encrypted with AWS's own key.".to_owned(),
        });
        let gone: Vec<&str> =
            self.environment.keys().filter(|name| !want.environment.contains_key(*name)).map(String::as_str).collect();
        let gone =
            (!gone.is_empty()).then(|| format!("It finds the environment variable {} no more.", gone.join(", ")));
        let logs = self.log_group != want.log_group;
        let logs = logs.then(|| format!("It logs to {} from then on.", want.log_group));
        let moved = (self.vpc != want.vpc).then(|| match &want.vpc {
            Some(_) => {
                "From then on it reaches what its subnets and security groups let it reach, and nothing else: AWS's \
                        services too, by a NAT gateway or endpoints."
                    .to_owned()
            }
            None => format!("It reaches nothing in its VPC any more. {LINGERS}"),
        });
        [again, calls, freed, time, memory, storage, layers, gone, logs, format, key, moved]
            .into_iter()
            .flatten()
            .collect()
    }
}
