//! A bucket full of objects that nobody had to put there one by one: S3's listings and deletions of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::ops::Bound;
use std::sync::{LazyLock, Mutex};

use hyper::Response;
use hyper::body::Bytes;
use percent_encoding::percent_decode_str;
use regex_lite::Regex;

use super::realism::Asked;

/// Entries in a page of a listing, at most.
const PAGE: usize = 1000;

/// What is in every bucket, once there is anything.
#[derive(Debug, Default)]
pub(crate) struct Crowd(Mutex<Option<Contents>>);

#[derive(Debug, Default)]
struct Contents {
    /// By key and version: whether it is a delete marker.
    versions: BTreeMap<(String, String), bool>,
    /// Unfinished uploads, by id.
    uploads: BTreeSet<String>,
}

impl Crowd {
    /// Puts so many versions, of which each third is a delete marker, and unfinished uploads into every bucket.
    pub(crate) fn fill(&self, versions: usize, uploads: usize) {
        let version =
            |number| ((format!("events/{:06}.json", number / 3), format!("v{}", number % 3)), number % 3 == 2);
        let contents = Contents {
            versions: (0..versions).map(version).collect(),
            uploads: (0..uploads).map(|number| format!("upload-{number:03}")).collect(),
        };
        *self.0.lock().unwrap() = Some(contents);
    }

    /// S3's reply to what lists or deletes them.
    pub(crate) fn before(&self, asked: &Asked<'_>) -> Option<Response<Bytes>> {
        let mut contents = self.0.lock().unwrap();
        let contents = contents.as_mut()?;
        let body = match asked.operation.full_name().as_str() {
            "s3:ListObjectVersions" => {
                contents.page(&parameter(asked, "key-marker"), &parameter(asked, "version-id-marker"))
            }
            "s3:DeleteObjects" => contents.delete(&String::from_utf8_lossy(&asked.body)),
            "s3:ListMultipartUploads" => contents.unfinished(),
            "s3:AbortMultipartUpload" => {
                contents.uploads.remove(&parameter(asked, "uploadId"));
                String::new()
            }
            _ => return None,
        };
        Some(Response::builder().header("content-type", "application/xml").body(body.into()).unwrap())
    }
}

impl Contents {
    fn page(&self, key: &str, version: &str) -> String {
        let from = Bound::Excluded((key.to_owned(), version.to_owned()));
        let mut rest = self.versions.range((from, Bound::Unbounded));
        let (mut page, mut last) = (String::new(), None);
        for ((key, version), marker) in rest.by_ref().take(PAGE) {
            let tag = if *marker { "DeleteMarker" } else { "Version" };
            write!(page, "<{tag}><Key>{key}</Key><VersionId>{version}</VersionId></{tag}>").unwrap();
            last = Some((key, version));
        }
        if let (Some(_), Some((key, version))) = (rest.next(), last) {
            let (key, version) = (
                format!("<NextKeyMarker>{key}</NextKeyMarker>"),
                format!("<NextVersionIdMarker>{version}</NextVersionIdMarker>"),
            );
            write!(page, "<IsTruncated>true</IsTruncated>{key}{version}").unwrap();
        }
        format!("<ListVersionsResult>{page}</ListVersionsResult>")
    }

    fn delete(&mut self, request: &str) -> String {
        static OBJECT: LazyLock<Regex> =
            LazyLock::new(|| Regex::new("<Object><Key>([^<]*)</Key><VersionId>([^<]*)</VersionId></Object>").unwrap());
        for object in OBJECT.captures_iter(request) {
            self.versions.remove(&(object[1].to_owned(), object[2].to_owned()));
        }
        "<DeleteResult/>".to_owned()
    }

    fn unfinished(&self) -> String {
        let upload = |id: &String| format!("<Upload><Key>unfinished</Key><UploadId>{id}</UploadId></Upload>");
        let uploads: String = self.uploads.iter().map(upload).collect();
        format!("<ListMultipartUploadsResult>{uploads}</ListMultipartUploadsResult>")
    }
}

/// A parameter of the query; empty where it is not given.
fn parameter(asked: &Asked<'_>, name: &str) -> String {
    let pairs = asked.uri.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    let value = pairs.into_iter().find_map(|(key, value)| (key == name).then_some(value));
    percent_decode_str(value.unwrap_or_default()).decode_utf8_lossy().into_owned()
}
