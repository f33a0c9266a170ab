//! A plan as a page: one file, which asks the network for nothing and is read without a script as well.
//!
//! Templates escape every text that they are given; what AWS or a spec says goes through [`Clean`] besides.

mod access;
mod change;
mod fields;
mod head;
#[cfg(test)]
mod tests;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

use super::drawing::{Drawing, Node, svg};
use super::plan::{LEFT_ALONE, LEFT_OUT};
use super::style::Clean;
use crate::engine::access::statement_changes;
use crate::engine::plan::{Action, Change};
use crate::engine::planfile::Plan;
use crate::model::address::Address;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// What an address is left to hold in a fragment.
const PLAIN: AsciiSet = NON_ALPHANUMERIC.remove(b'.').remove(b'/').remove(b'-').remove(b'_').remove(b'@');

/// The plan as a page.
pub fn page(plan: &Plan) -> String {
    let style = [svg::PALETTE, svg::STYLE, STYLE].concat();
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy(&style));
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                title { (head::title(plan)) }
                style { (PreEscaped(&style)) }
            }
            body {
                a.skip href="#changes" { "Skip to the changes" }
                (head::headline(plan))
                main {
                    (head::refusals(plan))
                    (head::broadens(plan))
                    (head::likely_renames(plan))
                    (head::notes(plan))
                    (pipeline(plan))
                    (changes(plan))
                    (drift(plan))
                    (head::externals(plan))
                    (left_alone(plan))
                    (left_out(plan))
                    (unchanged(plan))
                }
                (head::footer(plan))
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    page.into_string()
}

/// Nothing from anywhere, but for the page's own style and script, which are named by their digests.
fn policy(style: &str) -> String {
    let hash = |text: &str| format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)));
    let (style, script) = (hash(style), hash(SCRIPT));
    format!("default-src 'none'; style-src {style}; script-src {script}; base-uri 'none'; form-action 'none'")
}

/// The id of a change's details, and the fragment that leads to it: the address, as far as both allow.
fn anchor(address: &Address) -> String {
    utf8_percent_encode(&address.to_string(), &PLAIN).to_string()
}

fn address(address: &Address) -> String {
    Clean(&address.to_string()).to_string()
}

/// The pipeline, with what changes; a block leads to its first change.
fn pipeline(plan: &Plan) -> Markup {
    let drawing = Drawing::of_plan(plan);
    if drawing.nodes.is_empty() {
        return html! {};
    }
    let link = |node: &Node| {
        let acts = node.resources.iter().filter(|part| part.action.is_some_and(|action| action != Action::None));
        acts.min_by_key(|part| part.action).map(|part| format!("#{}", anchor(&part.address)))
    };
    html! {
        section.pipeline aria-labelledby="pipeline" {
            h2 #pipeline { "Pipeline" }
            div.scroller tabindex="0" role="region" aria-labelledby="pipeline" { (svg::part(&drawing, &link)) }
        }
    }
}

/// What the plan does, losses first.
fn changes(plan: &Plan) -> Markup {
    let mut acting: Vec<&Change> = plan.changes.0.iter().filter(|change| change.acts()).collect();
    acting.sort_by_key(|change| (change.action, &change.address));
    let statements = statement_changes(&plan.changes);
    html! {
        section aria-labelledby="changes" {
            h2 #changes tabindex="-1" { "Changes" }
            @if acting.is_empty() {
                p.empty { (head::nothing(plan)) }
            } @else {
                (head::search(acting.len()))
                div.list #list {
                    @for one in acting {
                        @let own = statements.iter().filter(|statement| statement.address == one.address);
                        (change::change(one, own, &plan.broadens))
                    }
                }
            }
        }
    }
}

/// What somebody else has changed since the last apply.
fn drift(plan: &Plan) -> Markup {
    let drifted: Vec<&Change> = plan.changes.0.iter().filter(|change| !change.drift.is_empty()).collect();
    if drifted.is_empty() {
        return html! {};
    }
    html! {
        section aria-labelledby="drift" {
            h2 #drift { "Changed outside pipectl since the last apply" }
            div.list {
                @for change in drifted { (change::drifted(change)) }
            }
        }
    }
}

/// What is live of what others decide on.
fn left_alone(plan: &Plan) -> Markup {
    let these: Vec<&Change> = plan.changes.0.iter().filter(|change| !change.left_alone.is_empty()).collect();
    if these.is_empty() {
        return html! {};
    }
    html! {
        section aria-labelledby="left-alone" {
            h2 #left-alone { (LEFT_ALONE) }
            div.list {
                @for change in these { (change::left_alone(change)) }
            }
        }
    }
}

/// The changes that the selection leaves out, by name only.
fn left_out(plan: &Plan) -> Markup {
    html! {
        @if !plan.left_out.is_empty() {
            section aria-labelledby="left-out" {
                h2 #left-out { (LEFT_OUT) }
                ul { @for one in &plan.left_out { li { code { (address(one)) } } } }
            }
        }
    }
}

/// What stays as it is, by name only.
fn unchanged(plan: &Plan) -> Markup {
    let same: Vec<&Change> = plan.changes.0.iter().filter(|change| !change.acts()).collect();
    if same.is_empty() {
        return html! {};
    }
    html! {
        section aria-labelledby="unchanged" {
            h2 #unchanged { "Unchanged" }
            details.rest {
                summary { (same.len()) " as they are" }
                ul {
                    @for change in same {
                        li { code { (address(&change.address)) } " " span.type { (Clean(&change.aws_type)) } }
                    }
                }
            }
        }
    }
}
