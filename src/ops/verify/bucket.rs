//! Events in the objects that a delivery stream writes into a bucket.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use time::OffsetDateTime;

use super::Books;
use super::lines::{self, Found};
use crate::model::data::{DataPlane, Object};
use crate::model::error::Class;
use crate::ops::fault::Result;
use crate::ops::layout::{self, Keys};
use crate::ops::stop::Stop;

/// How far our clock may be from S3's, whose times are in whole seconds besides.
pub(super) const CLOCKS: Duration = Duration::from_mins(1);
/// Objects that are read at the same time: each may be 128 MiB, and more when unpacked.
const AT_ONCE: usize = 4;

/// A bucket that events arrive in, and what its delivery stream is declared to do.
#[derive(Clone, Copy, Debug)]
pub struct Bucket<'a> {
    /// Its name.
    pub name: &'a str,
    /// The delivery stream's prefix, expressions included.
    pub prefix: &'a str,
    /// The delivery stream's prefix for what cannot be delivered; empty: none.
    pub error_prefix: &'a str,
    /// Whether the timestamps in the prefix are in UTC.
    pub utc: bool,
    /// How long the delivery stream may keep a record.
    pub buffer: Duration,
    /// Whether every record is to be on a line of its own.
    pub json_lines: bool,
}

impl Bucket<'_> {
    /// How long events are waited for: Firehose counts its interval from the first record of an object, and may need
    /// some minutes more for a new delivery stream, or while it tries again.
    pub fn patience(&self) -> Duration {
        self.buffer * 2 + Duration::from_mins(2)
    }
}

/// Looks into the bucket, and reads every new object once.
pub(super) struct Look<'a> {
    data: &'a dyn DataPlane,
    bucket: Bucket<'a>,
    roots: Vec<Keys>,
    since: OffsetDateTime,
    read: BTreeSet<String>,
}

impl<'a> Look<'a> {
    /// Of what is written from `start` on nothing is read yet.
    pub(super) fn new(data: &'a dyn DataPlane, bucket: Bucket<'a>, start: OffsetDateTime) -> Self {
        let since = start - CLOCKS;
        let mut roots = vec![layout::keys(bucket.prefix, since - bucket.buffer, bucket.utc)];
        if !bucket.error_prefix.is_empty() {
            roots.push(layout::all(bucket.error_prefix));
        }
        Self { data, bucket, roots, since, read: BTreeSet::new() }
    }

    /// The same of what cannot be delivered alone. An error prefix that data may lie below as well is not looked below.
    pub(super) fn of_errors(data: &'a dyn DataPlane, bucket: Bucket<'a>, start: OffsetDateTime) -> Self {
        let errors = layout::all(bucket.error_prefix);
        let own = !errors.prefix.is_empty() && !layout::all(bucket.prefix).prefix.starts_with(&errors.prefix);
        let roots = own.then_some(errors).into_iter().collect();
        Self { data, bucket, roots, since: start - CLOCKS, read: BTreeSet::new() }
    }

    /// Reads what is new.
    pub(super) async fn look(&mut self, books: &mut Books, stop: &dyn Stop) -> Result<()> {
        let new = self.list().await?;
        let (data, bucket) = (self.data, self.bucket.name);
        let bodies = new.into_iter().map(|object| async move { (data.get(bucket, &object.key).await, object) });
        let mut bodies = stream::iter(bodies).buffer_unordered(AT_ONCE);
        while let Some((body, object)) = bodies.next().await {
            match body {
                Ok(body) => open(books, &object, &body),
                Err(error) if error.class == Class::Absent => books.arrivals.vanished += 1,
                Err(error) => return Err(error.into()),
            }
            self.read.insert(object.key);
            if stop.asked().is_some() {
                break;
            }
        }
        Ok(())
    }

    /// The objects that were written since the start and have not been read.
    async fn list(&self) -> Result<Vec<Object>> {
        let mut new: BTreeMap<String, Object> = BTreeMap::new();
        for Keys { prefix, after } in &self.roots {
            let mut after = Some(after.clone()).filter(|after| !after.is_empty());
            loop {
                let page = self.data.list(self.bucket.name, prefix, after.as_deref()).await?;
                after = page.objects.last().map(|object| object.key.clone());
                let fresh = |object: &Object| object.modified >= self.since && !self.read.contains(&object.key);
                new.extend(page.objects.into_iter().filter(fresh).map(|object| (object.key.clone(), object)));
                if !page.more || after.is_none() {
                    break;
                }
            }
        }
        Ok(new.into_values().collect())
    }
}

/// Books what is in an object.
fn open(books: &mut Books, object: &Object, body: &[u8]) {
    let content = lines::read(body);
    books.arrivals.objects += 1;
    books.arrivals.joined.add(content.joined, || object.key.clone());
    for (line, why) in content.broken {
        books.arrivals.broken.add(1, || format!("{}, line {line}: {why}", object.key));
    }
    for found in content.found {
        match found {
            Found::Event { id, occurred } => books.tally.found(id.as_deref(), occurred, object.modified),
            Found::Failure { code, message } => {
                books.arrivals.failures.entry(code).or_default().add(1, || message);
            }
        }
    }
}
