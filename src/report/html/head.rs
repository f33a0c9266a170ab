//! What a page says before and after the changes: where, when, by whom, how many, and what forbids or lacks.

use std::slice::from_ref;

use maud::{Markup, html};
use time::OffsetDateTime;
use time::macros::format_description;

use super::address;
use crate::engine::plan::{Action, Summary};
use crate::engine::planfile::{Plan, Purpose};
use crate::report::cost::difference;
use crate::report::externals::said;
use crate::report::plan::tally;
use crate::report::renames;
use crate::report::style::{self, Clean};

/// The page's title: `acme-clickstream prod: 3 to create, 1 to delete`.
pub(super) fn title(plan: &Plan) -> String {
    let counts: Vec<String> = chips(&plan.summary()).map(|(_, count, what)| format!("{count} {what}")).collect();
    let counts = if counts.is_empty() { "no changes".to_owned() } else { counts.join(", ") };
    format!("{} {}: {counts}", Clean(&plan.project), Clean(&plan.env))
}

/// Where, when and by whom; and how much of what.
pub(super) fn headline(plan: &Plan) -> Markup {
    let purpose = match plan.purpose {
        Purpose::Apply => "Plan",
        Purpose::Adopt => "Plan of adoption",
        Purpose::Destroy => "Plan of destruction",
        Purpose::Revert => "Plan of a revert of drift",
    };
    let state = plan.state.lineage.map_or("none yet".to_owned(), |_| plan.state.serial.to_string());
    html! {
        header.top {
            p.purpose { (purpose) }
            h1 { span.project { (Clean(&plan.project)) } " " span.env { (Clean(&plan.env)) } }
            dl.facts {
                (fact("Account", &plan.scope.account))
                (fact("Region", &plan.scope.region))
                div { dt { "Made" } dd { (moment(plan.created)) } }
                div { dt { "Expires" } dd { (moment(plan.expires)) } }
                (fact("By", &plan.caller))
                @if !plan.acts_as.is_caller() { (fact("As", &plan.acts_as.to_string())) }
                @if let Some(spec) = &plan.spec { (fact("Spec", &[from_ref(&spec.file), &spec.overrides[..]].concat().join(" "))) }
                (fact("State serial", &state))
                (fact("State", &plan.state.location))
                @if let Some(cost) = plan.cost.as_ref().and_then(difference) { (fact("Cost", &cost)) }
                @if plan.protect { (fact("Protection", "on")) }
            }
            (counts(plan))
        }
    }
}

fn fact(name: &str, value: &str) -> Markup {
    html! { div { dt { (name) } dd { (Clean(value)) } } }
}

/// In UTC, to the minute.
fn moment(at: OffsetDateTime) -> Markup {
    let at = at.to_offset(time::UtcOffset::UTC);
    let text = at.format(format_description!("[year]-[month]-[day] [hour]:[minute] UTC")).unwrap_or_default();
    let exact = at.format(&time::format_description::well_known::Rfc3339).unwrap_or_default();
    html! { time datetime=(exact) { (text) } }
}

/// How many of which action, the worst first; a script makes filters of them.
fn counts(plan: &Plan) -> Markup {
    let summary = plan.summary();
    html! {
        div.chips role="group" aria-label="Show only changes of these kinds" {
            @for (action, count, what) in chips(&summary) {
                button.chip.(style::class(action)) type="button" disabled data-action=(style::class(action)) {
                    span.sign aria-hidden="true" { (style::action(action).0) } " "
                    b { (count) } " " (what)
                }
            }
            @if summary.drifted > 0 {
                a.chip.drift href="#drift" { span.sign aria-hidden="true" { "!" } " " b { (summary.drifted) } " drifted" }
            }
            @if summary.unchanged > 0 {
                a.chip.none href="#unchanged" { b { (summary.unchanged) } " unchanged" }
            }
        }
    }
}

/// What is done; what stays as it is has a link of its own.
fn chips(summary: &Summary) -> impl Iterator<Item = (Action, usize, &'static str)> {
    tally(summary).filter(|(action, ..)| *action != Action::None)
}

/// Why the plan may not be applied.
pub(super) fn refusals(plan: &Plan) -> Markup {
    html! {
        @if !plan.refusals.is_empty() {
            section.notice.refused aria-labelledby="refused" {
                h2 #refused { "Refused" }
                ul {
                    @for refusal in &plan.refusals {
                        li { code { (address(&refusal.address)) } " " (Clean(&refusal.message)) }
                    }
                }
            }
        }
    }
}

/// By what the plan widens access, for whoever is to approve of that.
pub(super) fn broadens(plan: &Plan) -> Markup {
    html! {
        @if !plan.broadens.is_empty() {
            section.notice.refused aria-labelledby="widens" {
                h2 #widens { "Widens access" }
                ul {
                    @for one in &plan.broadens {
                        li { code { (address(&one.address)) } " " (Clean(&one.in_words())) }
                    }
                }
            }
        }
    }
}

/// What is deleted, and was probably meant to be kept.
pub(super) fn likely_renames(plan: &Plan) -> Markup {
    html! {
        @if !plan.likely_renames.is_empty() {
            section.notice aria-labelledby="renamed" {
                h2 #renamed { (renames::TITLE) }
                ul { @for one in &plan.likely_renames { li { (renames::sentence(one)) } } }
                p.help { (renames::HOW) }
                pre { (renames::lines(&plan.likely_renames).join("\n")) }
            }
        }
    }
}

/// What is missing, and what to do about it.
pub(super) fn notes(plan: &Plan) -> Markup {
    html! {
        @if !plan.notes.is_empty() {
            section.notice aria-labelledby="missing" {
                h2 #missing { "Still missing" }
                ul {
                    @for note in &plan.notes {
                        li {
                            code { (address(&note.address)) } " " (Clean(&note.message))
                            p.help { (Clean(&note.help)) }
                        }
                    }
                }
            }
        }
    }
}

/// What is used that is somebody else's.
pub(super) fn externals(plan: &Plan) -> Markup {
    html! {
        @if !plan.externals.is_empty() {
            section.notice aria-labelledby="uses" {
                h2 #uses { "Uses" }
                ul {
                    @for (one, external) in &plan.externals {
                        li {
                            code { (address(one)) } " " (Clean(&external.aws_type)) " " code { (Clean(&external.arn)) }
                            p.help { (said(external)) }
                        }
                    }
                }
            }
        }
    }
}

/// What to say of a plan without changes.
pub(super) fn nothing(plan: &Plan) -> &'static str {
    match plan.purpose {
        Purpose::Apply if !plan.left_out.is_empty() => "No changes in what was asked for.",
        Purpose::Apply => "No changes. AWS is as the spec says.",
        Purpose::Adopt => "Nothing to adopt.",
        Purpose::Destroy => "Nothing to destroy.",
        Purpose::Revert => "Nothing to revert. AWS is as the last apply left it.",
    }
}

/// Searching and opening take a script, which shows this.
pub(super) fn search(count: usize) -> Markup {
    html! {
        div.search #search hidden {
            label for="find" { "Search" }
            input #find type="search" placeholder="address, type, name or field" autocomplete="off" spellcheck="false"
                aria-describedby="found keys" aria-controls="list";
            p #found role="status" { (count) " of " (count) }
            button #all type="button" aria-expanded="false" { "Open all" }
            p #keys.keys { kbd { "/" } " searches, " kbd { "Esc" } " clears" }
        }
        p #none.empty hidden {}
    }
}

/// What made it, and what to do with it.
pub(super) fn footer(plan: &Plan) -> Markup {
    html! {
        footer {
            p { "Made by " (Clean(&plan.made_by)) ". A plan is applied exactly as it stands here, or refused: " code { "pipectl apply plan.json" } }
        }
    }
}
