//! One change of a page, which opens to its reason, its fields and its statements.

use maud::{Markup, html};

use super::{access, address, anchor, fields};
use crate::engine::access::{Broadening, StatementChange};
use crate::engine::plan::{Action, Change};
use crate::model::diff::FieldChange;
use crate::model::left_alone::LeftAlone;
use crate::report::style::{self, Clean};

/// A change, closed unless something is lost.
pub(super) fn change<'a>(
    change: &Change,
    statements: impl Iterator<Item = &'a StatementChange>,
    broadens: &[Broadening],
) -> Markup {
    let (sign, word, _) = style::action(change.action);
    let class = style::class(change.action);
    let loss = match change.action {
        Action::Replace | Action::Conflict => true,
        Action::Delete => !change.warnings.is_empty(),
        _ => false,
    };
    html! {
        details.change.(class) data-action=(class) data-find=(findable(change, word)) open[loss] {
            summary {
                span.action { span.sign aria-hidden="true" { (sign) } " " (word) }
                span.address { (address(&change.address)) }
                span.what { span.type { (Clean(&change.aws_type)) } " " span.key { (Clean(&change.key)) } }
            }
            div.body #(anchor(&change.address)) {
                (remarks(change))
                (fields::of(change))
                (access::statements(statements, broadens))
            }
        }
    }
}

/// What somebody else has changed in a resource, and what becomes of it.
pub(super) fn drifted(change: &Change) -> Markup {
    let fate = match change.action {
        Action::None => "the spec says the same: kept",
        Action::Delete => "goes with its resource",
        _ => "this plan makes it as the spec says",
    };
    html! {
        article.change.drift.open {
            h3 {
                span.action { span.sign aria-hidden="true" { "!" } " drift" }
                span.address { (address(&change.address)) }
                span.what { (fate) }
            }
            div.body { (fields::table(&change.drift, ["Last applied", "Now"])) }
        }
    }
}

/// What others decide on in a resource.
pub(super) fn left_alone(change: &Change) -> Markup {
    let all: Vec<FieldChange> = change.left_alone.iter().map(as_field).collect();
    html! {
        article.change.open {
            h3 { span.address { (address(&change.address)) } span.what { span.type { (Clean(&change.aws_type)) } } }
            div.body { (fields::table(&all, ["Spec", "Live"])) }
        }
    }
}

fn as_field(one: &LeftAlone) -> FieldChange {
    let (before, after) = (one.spec.clone(), one.live.clone());
    FieldChange { path: one.name(), before, after, replaces: false, drifted: false }
}

/// What is not plain from the fields: why, what it was, what to know before.
fn remarks(change: &Change) -> Markup {
    html! {
        @if let Some(old) = &change.previous_address { p { "Was " code { (address(old)) } "." } }
        @if let Some(old) = &change.previous_key {
            p { code { (Clean(&change.key)) } " is made first, then " code { (Clean(old)) } " is deleted." }
        }
        @if let Some(reason) = &change.reason { p.reason { (Clean(reason)) } }
        @for warning in &change.warnings {
            p.warning { span.sign aria-hidden="true" { "!" } " " (Clean(warning)) }
        }
    }
}

/// What a search looks in.
fn findable(change: &Change, word: &str) -> String {
    let fields = change.fields.iter().map(|field| field.path.as_str());
    let names = [change.aws_type.as_str(), &change.key, word];
    let all: Vec<&str> = names.into_iter().chain(change.previous_key.as_deref()).chain(fields).collect();
    Clean(&format!("{} {}", change.address, all.join(" "))).to_string().to_lowercase()
}
