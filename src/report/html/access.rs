//! The IAM statements that a change adds, removes or changes.

use maud::{Markup, html};

use crate::engine::access::{AccessChange, Broadening, StatementChange};
use crate::report::access::{Side, Statement, Values};
use crate::report::style::Clean;

/// The statements of one change, policy by policy.
pub(super) fn statements<'a>(changes: impl Iterator<Item = &'a StatementChange>, broadens: &[Broadening]) -> Markup {
    let changes: Vec<&StatementChange> = changes.collect();
    html! {
        @for policy in changes.chunk_by(|one, other| one.policy == other.policy) {
            section.policy {
                h3 { "IAM statements of " code { (Clean(&policy[0].policy)) } }
                @for change in policy { (statement(change, broadens)) }
            }
        }
    }
}

fn statement(change: &StatementChange, broadens: &[Broadening]) -> Markup {
    let (sign, class, verdict) = match change.verdict {
        AccessChange::Added => ("+", "create", "added"),
        AccessChange::Removed => ("-", "delete", "removed"),
        AccessChange::Broadened => ("~", "delete", "broadened"),
        AccessChange::Narrowed => ("~", "update", "narrowed"),
        AccessChange::Changed => ("~", "update", "changed"),
    };
    let Statement { effect, actions, rest } = Statement::new(change);
    html! {
        @for one in broadens.iter().filter(|one| one.is_by(change)) {
            p.warning { span.sign aria-hidden="true" { "!" } " widens access: it " (Clean(&one.what)) }
        }
        dl.statement.(class) {
            div {
                dt { span.sign aria-hidden="true" { (sign) } " " (effect) " " span.verdict { (verdict) } }
                dd { (values(&actions)) }
            }
            @for (label, lines) in &rest {
                @if !lines.is_empty() {
                    div { dt { (label) } dd { (values(lines)) } }
                }
            }
        }
    }
}

fn values(values: &Values) -> Markup {
    html! {
        ul {
            @for (side, text) in values {
                li {
                    @match side {
                        Side::Both => { code { (text) } }
                        Side::Gone => { del { code { (text) } } }
                        Side::New => { ins { code { (text) } } }
                    }
                }
            }
        }
    }
}
