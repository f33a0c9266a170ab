//! Specs that a test has written out, and what they come to.

use std::fs;
use std::sync::Arc;

use pipectl::aws::{Aws, kinds};
use pipectl::blueprint;
use pipectl::model::graph::Graph;
use pipectl::model::scope::Scope;
use pipectl::ops::site::canonical;
use pipectl::spec::{Options, Source, Spec, load};

/// The spec of a text.
pub(crate) fn parsed(text: &str) -> Spec {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dev.toml");
    fs::write(&file, text).unwrap();
    let options = Options { root: folder.path().to_owned(), ..Options::default() };
    load(&Source::File(file), &options).unwrap_or_else(|report| panic!("{}", report.render(false, 120))).spec
}

/// Its resources in canonical form, in an account of nobody's.
pub(crate) fn graph(spec: &Spec) -> Graph {
    let registry = kinds::registry(&Arc::new(Aws::new(None)));
    canonical(&registry, blueprint::build(spec, &Scope::new("123456789012", &spec.env.region))).unwrap()
}
