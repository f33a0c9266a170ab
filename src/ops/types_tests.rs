//! `docs/types.md`: what every resource type and every block kind answers to those who ask about all of them.

use std::fmt::Write as _;
use std::path::Path;

use crate::blueprint::{self, FieldMeaning};
use crate::catalog::facets::{AtRest, Import, Metrics, Price, Status, Takes};
use crate::catalog::{Resource, Type};
use crate::export::Target;
use crate::export::kinds::stays;
use crate::spec::blocks::Kind;
use crate::spec::metrics::{self, Usual};
use crate::spec::uses::Uses;

const INTRODUCTION: &str = "\
# Resource types and blocks

<!-- Generated from the types in src/catalog and the blocks in src/spec/blocks by `UPDATE=1 cargo test docs_types_md`; edit the answers there. -->

What pipectl knows of every type beside its attributes ([spec.md](spec.md)) and beside what it looks at in AWS
([security.md](security.md#what-is-live-and-no-attribute-says)). A type without one of these answers does not compile; where the answer is none, the reason stands there.

";

fn price(of: Price) -> String {
    match of {
        Price::Reckoned => "reckoned".to_owned(),
        Price::Missing => "missing: a total is \"at least\"".to_owned(),
        Price::None(reason) => format!("none: {reason}"),
    }
}

fn at_rest(of: AtRest) -> String {
    match of {
        AtRest::Nothing(reason) => format!("nothing kept: {reason}"),
        AtRest::Plain { field } => format!("not encrypted without `{field}`"),
        AtRest::OnItsWay { field } => format!("messages on their way: by a key with `{field}`"),
        AtRest::ByService { field } => format!("by the service's key, by one in KMS with `{field}`"),
        AtRest::ByKms => "by a key in KMS".to_owned(),
        AtRest::Unknown => "not known".to_owned(),
    }
}

fn status(of: Status) -> String {
    match of {
        Status::Judged => "judged".to_owned(),
        Status::Exists(reason) => format!("whether it exists: {reason}"),
    }
}

fn metrics(of: Metrics) -> String {
    match of {
        Metrics::In { namespace, dimension } => format!("`{namespace}`, `{dimension}`"),
        Metrics::InMore { namespace, dimension, others } => {
            let others: Vec<&str> = others[0].1.iter().map(|(name, _)| *name).collect();
            format!("`{namespace}`, `{dimension}` with `{}`", others.join("`, `"))
        }
        Metrics::None(reason) => format!("none: {reason}"),
    }
}

fn takes(of: Takes) -> String {
    match of {
        Takes::Of(quota, _) => format!("{quota:?}"),
        Takes::None(reason) => format!("none: {reason}"),
    }
}

fn import(of: Import) -> String {
    match of {
        Import::Taken => "taken".to_owned(),
        Import::None(reason) => format!("none: {reason}"),
    }
}

/// The attributes that a tool does not get.
fn export(of: Type, target: Target) -> String {
    let left: Vec<_> = stays(of.name(), target)
        .expect("every type is exported")
        .iter()
        .map(|one| format!("`{}` stays: {}", one.attribute, one.reason))
        .collect();
    if left.is_empty() { "whole".to_owned() } else { left.join("; ") }
}

/// The answers of a block kind.
fn block(of: Kind) -> [(&'static str, String); 5] {
    let own =
        blueprint::own_type(of).map_or("none: it has nothing but parts".to_owned(), |one| format!("`{}`", one.name()));
    let (metrics, alarm) = match of.metrics() {
        metrics::Metrics::Of(source) => {
            let usual = match source.usual {
                Usual::Metric(_) => "on one metric".to_owned(),
                Usual::Expression(usual) => format!("\"{}\": `{}`", usual.meaning("it"), usual.expression),
                Usual::None(reason) => format!("none: {reason}"),
            };
            (format!("{} that an alarm can name", source.metrics.len()), usual)
        }
        metrics::Metrics::None(reason) => (format!("none: {reason}"), "none: it has no metrics".to_owned()),
    };
    let uses = match of.uses() {
        Uses::For(allowed) => allowed.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        Uses::None(reason) => format!("none: {reason}"),
    };
    [("resource", own), ("metrics", metrics), ("usual alarm", alarm), ("uses", uses), ("ignore", ignored(of))]
}

/// The fields that can be left alone, each with its attribute where that is called otherwise.
fn ignored(of: Kind) -> String {
    let field = |(field, meaning): (&str, FieldMeaning)| match meaning {
        FieldMeaning::Is([one]) if *one == field => Some(format!("`{}`", field.replace('*', "<name>"))),
        FieldMeaning::Is(all) => Some(format!("`{field}` ({})", all.join(", "))),
        FieldMeaning::Guards | FieldMeaning::Replaces => None,
    };
    let fields: Vec<String> = blueprint::meanings(of).into_iter().filter_map(field).collect();
    if fields.is_empty() { "attributes of its parts alone: `user.tags`".to_owned() } else { fields.join(", ") }
}

fn rows(text: &mut String, name: &str, answers: impl IntoIterator<Item = (&'static str, String)>) {
    let _ = writeln!(text, "### `{name}`\n\n| | |\n|---|---|");
    for (facet, answer) in answers {
        let _ = writeln!(text, "| {facet} | {answer} |");
    }
    text.push('\n');
}

fn table() -> String {
    let mut text = INTRODUCTION.to_owned();
    text.push_str("## Blocks\n\n");
    for &kind in Kind::ALL {
        rows(&mut text, kind.name(), block(kind));
    }
    text.push_str("## Types\n\n");
    for &one in Type::ALL {
        let example = Resource::of(one.name(), &one.example()).expect("an example fits its type");
        let answers = [
            ("price", price(one.price())),
            ("at rest", at_rest(example.at_rest())),
            ("status", status(one.status())),
            ("metrics", metrics(one.metrics())),
            ("quota", takes(example.takes())),
            ("import", import(one.import())),
            ("Terraform", export(one, Target::Terraform)),
            ("CloudFormation", export(one, Target::CloudFormation)),
        ];
        rows(&mut text, one.name(), answers);
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

#[test]
fn docs_types_md_is_what_the_types_answer() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/types.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, table()).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap();
    assert!(written == table(), "docs/types.md is out of date: run `UPDATE=1 cargo test docs_types_md`");
    for line in written.lines().filter(|line| line.starts_with("| ") && *line != "| | |") {
        let (_, answer) = line.trim_matches('|').split_once(" | ").unwrap();
        assert!(!answer.trim().is_empty() && !answer.trim_end().ends_with(':'), "{line}");
    }
}

#[test]
fn a_type_with_a_policy_of_its_own_says_by_which_calls_it_is_managed() {
    for &one in Type::ALL {
        let example = Resource::of(one.name(), &one.example()).expect("an example fits its type");
        let has_policy = example.attributes().get("policy").is_some();
        assert_eq!(!one.managed_by().is_empty(), has_policy, "{}", one.name());
    }
}
