//! Which changes of a delivery stream lose records, or write others.

use super::Spec;
use super::conversion::Conversion;

/// What a user should know before a change from `now` to `want`.
pub(super) fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
    const FROM_LATEST: &str = "Firehose starts at the end of its Kinesis stream";
    let key = |spec: &Spec| (spec.name.clone(), spec.source.clone(), spec.dynamic_partitioning.clone());
    let replaced = |now: &Spec, want: &Spec| key(now) != key(want) || (now.backup.is_some() && want.backup.is_none());
    let mut warnings = match (now, want) {
        // Who puts into it before it is there is refused, and knows.
        (None, Some(want)) if want.source.is_none() => Vec::new(),
        (None, Some(_)) => {
            vec![format!("{FROM_LATEST}: records put before it is ACTIVE are not delivered.")]
        }
        (Some(now), Some(want)) if replaced(now, want) && want.source.is_none() => vec![format!(
            "Whoever puts into it is refused between the deletion of the old one and the new one's being ACTIVE; what \
             `{}` has not delivered by then is not delivered any more.",
            now.name
        )],
        (Some(now), Some(want)) if replaced(now, want) => vec![format!(
            "{FROM_LATEST}: records put between the deletion of the old one and the new one's being ACTIVE are not \
             delivered."
        )],
        (Some(now), None) => {
            vec![format!("Records that `{}` has not delivered yet are not delivered any more.", now.name)]
        }
        _ => Vec::new(),
    };
    if let (Some(now), Some(want)) = (now, want) {
        warnings.extend(now.ends(want));
    }
    warnings
}

impl Spec {
    /// What this one does, and the other one would not.
    fn ends(&self, want: &Self) -> Vec<String> {
        let conversion = self.conversion.as_ref().filter(|_| want.conversion.is_none());
        let conversion = conversion
            .map(|to| format!("Records are no longer converted ({}): they are written as they come.", to.words()));
        let backup = self.backup.as_ref().filter(|_| want.backup.is_none());
        let backup = backup.map(|to| {
            format!(
                "The backup of all records to {} ends; AWS switches none off, so the delivery stream is replaced.",
                to.words()
            )
        });
        conversion.into_iter().chain(backup).chain(self.moved_by(want)).collect()
    }

    /// What is written elsewhere, or so that who reads it has to know.
    fn moved_by(&self, want: &Self) -> Vec<String> {
        let keys = |spec: &Self| {
            (spec.bucket_arn.clone(), spec.prefix.clone(), spec.file_extension.clone(), spec.time_zone.clone())
        };
        let keys = keys(self) != keys(want);
        let keys = keys.then(|| {
            "New objects get other keys: what reads the old ones (Snowpipe, a lifecycle rule, a policy) finds none."
                .to_owned()
        });
        let errors = self.error_prefix != want.error_prefix;
        let errors = errors.then(|| "What cannot be delivered is written elsewhere from then on.".to_owned());
        let form = (&self.compression, &self.processors) != (&want.compression, &want.processors);
        let form = form.then(|| {
            "New objects have another form (compression, processing): who reads them has to take it.".to_owned()
        });
        let to = |spec: &Self| spec.conversion.as_ref().map(Conversion::words);
        let converted = (want.conversion.is_some() && to(self) != to(want)).then(|| {
            "New objects are converted otherwise than the old ones: who reads them has to take both.".to_owned()
        });
        let backup = |spec: &Self| spec.backup.as_ref().map(|to| (to.words(), to.compression.clone()));
        let copied = self.backup.is_some() && want.backup.is_some() && backup(self) != backup(want);
        let copied = copied
            .then(|| "New copies of all records lie elsewhere than the old ones, or have another form.".to_owned());
        let key = self.kms_key != want.kms_key && want.kms_key.is_some();
        let key = key.then(|| "Who reads new objects needs kms:Decrypt with their new key.".to_owned());
        let logs = self.logging.is_some() && want.logging.is_none();
        let logs = logs.then(|| "Why a delivery fails is no longer logged.".to_owned());
        let plain = (self.encrypted && !want.encrypted)
            .then(|| "What is put into it is no longer encrypted until it is delivered.".to_owned());
        [keys, errors, form, converted, copied, key, logs, plain].into_iter().flatten().collect()
    }
}
