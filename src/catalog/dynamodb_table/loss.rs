//! Which changes of a table lose items, or keep somebody out.

use super::{Spec, stays};

impl Spec {
    /// Whether a table like this can become the other one and stay the same table.
    pub(super) fn is_kept_by(&self, want: &Spec) -> bool {
        let fixed = |spec: &Spec| (spec.name.clone(), spec.partition_key.clone(), spec.sort_key.clone());
        fixed(self) == fixed(want) && self.local_indexes == want.local_indexes
    }

    /// What its deletion comes to.
    pub(super) fn end(&self) -> Vec<String> {
        let mut warnings = vec![format!("The items in `{}` are deleted with it.", self.name)];
        if self.deletion_protection {
            let fault = "AWS refuses to delete this table: switch its `deletion_protection` off and apply that first.";
            warnings.push(fault.to_owned());
        }
        warnings
    }

    /// What a change in place loses, or makes the user wait for.
    pub(super) fn losses(&self, want: &Spec) -> Vec<String> {
        let mut warnings = Vec::new();
        match (&self.ttl_attribute, &want.ttl_attribute) {
            (None, Some(new)) => warnings.push(format!("Items whose `{new}` is in the past are deleted.")),
            (Some(old), Some(new)) if old != new => warnings.push(format!(
                "Items whose `{new}` is in the past are deleted. AWS may take an hour to leave `{old}`, and the apply waits for it."
            )),
            _ => {}
        }
        if want.recovery_days < self.recovery_days {
            let kept =
                want.recovery_days.map_or("no point in time".to_owned(), |days| format!("the last {days} days only"));
            warnings.push(format!("The table can be restored to {kept} from now on."));
        }
        if self.capacity.is_some() != want.capacity.is_some() {
            warnings
                .push("AWS limits how often a table's billing mode is switched in 24 hours; this is one.".to_owned());
        }
        warnings.extend(self.narrowed_by(want));
        warnings
    }
}

impl Spec {
    /// What its readers and writers can do no more, or not for a while.
    fn narrowed_by(&self, want: &Self) -> Vec<String> {
        let mut warnings = Vec::new();
        let gone = self.global_indexes.iter().filter(|(name, index)| !stays(name, index, want));
        for (name, _) in gone {
            let again = want.global_indexes.contains_key(name);
            let end = if again { "until AWS has filled it anew: hours for a large table" } else { "from then on" };
            warnings.push(format!("Queries of the index `{name}` fail {end}."));
        }
        let capacities = self.global_indexes.iter().filter_map(|(name, now)| {
            Some((format!("index `{name}`"), now.capacity, want.global_indexes.get(name)?.capacity))
        });
        for (what, now, want) in capacities.chain([("table".to_owned(), self.capacity, want.capacity)]) {
            let lower = want.filter(|want| now.is_none_or(|now| want.read < now.read || want.write < now.write));
            warnings.extend(lower.map(|it| {
                format!(
                    "The {what} takes {} reads and {} writes a second from then on: more are throttled.",
                    it.read, it.write
                )
            }));
        }
        if self.deletion_protection && !want.deletion_protection {
            warnings.push("Whoever may delete tables can delete it from then on.".to_owned());
        }
        if self.stream_view.is_some() && self.stream_view != want.stream_view {
            warnings.push(
                "Its stream ends: who reads it loses what was not read, and has to be given the new one.".to_owned(),
            );
        }
        if self.kms_key.is_some() && self.kms_key != want.kms_key {
            let old = self.kms_key.as_deref().unwrap_or_default();
            warnings.push(format!(
                "Items stay readable while AWS encrypts them anew; older backups still need the key {old}."
            ));
        }
        warnings
    }
}
