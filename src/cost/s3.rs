//! What an S3 bucket costs once as much expires as is written.

use super::firehose::{objects, stored};
use super::flow::{Flow, HOURS};
use super::inventory::{Bucket, DeliveryStream, LifecycleRule, Transition};
use super::sheet::Sheet;
use crate::model::price::Item;

/// For how long objects that never expire are counted, in days.
const YEAR: u32 = 365;
const DAYS: f64 = HOURS / 24.0;
/// The storage class that objects are written in.
const STANDARD: &str = "STANDARD";

/// Writes down a bucket, and the delivery streams that write to it with what flows through each.
pub(super) fn bucket(bucket: &Bucket, writers: &[(&DeliveryStream, Flow)], sheet: &mut Sheet<'_>) {
    let puts: f64 = writers.iter().map(|(stream, flow)| objects(stream, *flow)).sum();
    let gb: f64 = writers.iter().map(|(stream, flow)| flow.gb() * stored(stream)).sum();
    if puts <= 0.0 {
        return;
    }
    sheet.line("PUTs", puts, Item::S3Put);
    for phase in phases(bucket) {
        let resident = gb / DAYS * f64::from(phase.days);
        match Item::of_storage_class(&phase.class) {
            Some((stored, moved)) => {
                sheet.line(format!("moved to {}", phase.class), puts, moved);
                sheet.line(format!("stored, {}", phase.class), resident, stored);
            }
            None => sheet.line(format!("stored, {STANDARD}"), resident, Item::S3Standard),
        }
    }
    keys(bucket, writers, puts, sheet);
    assume(bucket, writers, sheet);
}

/// For how many days an object lies in a storage class.
#[derive(Debug, PartialEq, Eq)]
struct Phase {
    class: String,
    days: u32,
}

/// The storage classes that an object passes through, from its writing to its end.
fn phases(bucket: &Bucket) -> Vec<Phase> {
    let mut moves: Vec<&Transition> = bucket.lifecycle.iter().flat_map(|rule| &rule.transitions).collect();
    moves.sort_by_key(|one| one.days);
    let end = lifetime(bucket).unwrap_or(YEAR);
    let mut phases = Vec::new();
    let (mut class, mut since) = (STANDARD, 0);
    for one in moves.into_iter().filter(|one| one.days < end) {
        phases.push(Phase { class: class.to_owned(), days: one.days - since });
        (class, since) = (&one.class, one.days);
    }
    phases.push(Phase { class: class.to_owned(), days: end - since });
    phases
}

/// After how many days nothing is left of an object; absent: never. In a versioned bucket what expires goes on existing
/// as a version for its own time.
fn lifetime(bucket: &Bucket) -> Option<u32> {
    let least = |days: fn(&LifecycleRule) -> Option<u32>| bucket.lifecycle.iter().filter_map(days).min();
    let current = least(|rule| rule.expire_days)?;
    if !bucket.versioning {
        return Some(current);
    }
    least(|rule| rule.noncurrent_days).map(|noncurrent| current.saturating_add(noncurrent))
}

/// Without a bucket key, S3 asks KMS for each object that is written, and for each that is read.
fn keys(bucket: &Bucket, writers: &[(&DeliveryStream, Flow)], puts: f64, sheet: &mut Sheet<'_>) {
    let own_key = writers.iter().any(|(stream, _)| stream.kms_key.is_some());
    if (own_key || bucket.encryption.algorithm != "AES256") && !bucket.encryption.bucket_key {
        sheet.line("KMS requests", puts * 2.0, Item::KmsRequests);
        sheet.assume("Each object is decrypted once, for Snowpipe.");
    }
}

fn assume(bucket: &Bucket, writers: &[(&DeliveryStream, Flow)], sheet: &mut Sheet<'_>) {
    if lifetime(bucket).is_none() {
        sheet.assume("Objects that never expire are counted as after one year; they go on growing.");
    } else if bucket.versioning {
        sheet.assume(
            "What expires in a versioned bucket is billed until it is gone as a version: `noncurrent_days` more.",
        );
    }
    if writers.iter().any(|(stream, _)| stored(stream) < 1.0) {
        sheet.assume("Compressed, records take a fifth (gzip, zip) or two fifths (snappy) of their size.");
    }
    sheet.assume("Firehose writes an object when its buffer is full or its time is up; above some MB/s it has several buffers, and writes more and smaller ones.");
    sheet.assume("Reading objects, and moving them out of the region, is not counted.");
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::*;

    fn bucket(versioning: bool, rule: &Value) -> Bucket {
        let mut rule = rule.clone();
        rule["id"] = "objects".into();
        let attributes = json!({ "name": "b", "versioning": versioning, "lifecycle": [rule] });
        Bucket::deserialize(attributes).unwrap()
    }

    fn told(bucket: &Bucket) -> Vec<(String, u32)> {
        phases(bucket).into_iter().map(|phase| (phase.class, phase.days)).collect()
    }

    #[test]
    fn in_a_versioned_bucket_what_expires_is_paid_for_until_its_version_is_gone() {
        let rule = json!({ "expire_days": 14, "noncurrent_days": 7 });
        assert_eq!(told(&bucket(false, &rule)), [("STANDARD".to_owned(), 14)]);
        assert_eq!(told(&bucket(true, &rule)), [("STANDARD".to_owned(), 21)]);
        assert_eq!(lifetime(&bucket(true, &json!({ "expire_days": 14 }))), None);
    }

    #[test]
    fn what_never_expires_is_counted_for_a_year() {
        assert_eq!(told(&bucket(true, &json!({ "noncurrent_days": 7 }))), [("STANDARD".to_owned(), 365)]);
    }

    #[test]
    fn an_object_passes_through_the_classes_in_order() {
        let moves = json!([{ "days": 90, "class": "STANDARD_IA" }, { "days": 365, "class": "GLACIER_IR" }]);
        let rule = json!({ "expire_days": 730, "noncurrent_days": 30, "transitions": moves });
        let classes = [("STANDARD".to_owned(), 90), ("STANDARD_IA".to_owned(), 275), ("GLACIER_IR".to_owned(), 395)];
        assert_eq!(told(&bucket(true, &rule)), classes);
    }
}
