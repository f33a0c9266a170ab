//! Fields of a change as tables: before and after, or what is made.

use maud::{Markup, html};
use serde_json::Value;

use crate::engine::plan::{Action, Change};
use crate::model::diff::FieldChange;
use crate::report::style::Clean;
use crate::report::value;

/// What a change is about: the fields that differ; of what is made or goes, all that it has.
pub(super) fn of(change: &Change) -> Markup {
    match change.action {
        Action::Create => attributes(change.after.as_deref(), "is made with"),
        Action::Delete => attributes(change.before.as_deref(), "is deleted with"),
        _ => table(&change.fields, ["Before", "After"]),
    }
}

/// A row for each field that differs.
pub(super) fn table(fields: &[FieldChange], sides: [&str; 2]) -> Markup {
    html! {
        @if !fields.is_empty() {
            table.fields {
                thead { tr { th scope="col" { "Field" } @for side in sides { th scope="col" { (side) } } } }
                tbody {
                    @for field in fields {
                        tr {
                            th scope="row" {
                                code { (Clean(&field.path)) }
                                @if field.replaces { span.forces { "forces the replacement" } }
                                @if field.drifted { span.elsewhere { "changed outside pipectl" } }
                            }
                            @if is_policy(&field.before) || is_policy(&field.after) {
                                td colspan="2" data-side=(sides[1]) { "see the statements below" }
                            } @else {
                                td.before data-side=(sides[0]) { (side(&field.before, &field.after, false)) }
                                td.after data-side=(sides[1]) { (side(&field.after, &field.before, true)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Every attribute that is set; policies are left to their statements.
fn attributes(attributes: Option<&Value>, what: &str) -> Markup {
    let members = attributes.and_then(Value::as_object).into_iter().flatten();
    let set: Vec<_> = members.filter(|(_, value)| !empty(value) && !is_policy(value)).collect();
    html! {
        @if !set.is_empty() {
            table.attributes {
                thead { tr { th scope="col" { "Field" } th scope="col" { (what) } } }
                tbody {
                    @for (name, value) in set {
                        tr { th scope="row" { code { (Clean(name)) } } td { (whole(value)) } }
                    }
                }
            }
        }
    }
}

/// Whether there is nothing to see in a value.
fn empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(members) => members.values().all(|member| empty(member) || is_policy(member)),
        _ => false,
    }
}

/// Whether a value is a policy's document, or the list of its statements.
fn is_policy(value: &Value) -> bool {
    let statement = |value: &Value| value.get("Effect").is_some_and(Value::is_string);
    match value {
        Value::Array(list) => list.first().is_some_and(statement),
        Value::Object(members) => members.get("Statement").is_some_and(Value::is_array),
        _ => false,
    }
}

/// One side of a difference; of lists, what the other side lacks is marked.
fn side(value: &Value, other: &Value, new: bool) -> Markup {
    match (value, other) {
        (Value::Array(list), Value::Array(others)) => html! {
            ul.items {
                @for item in list {
                    li {
                        @if others.contains(item) { (whole(item)) }
                        @else if new { ins { (whole(item)) } }
                        @else { del { (whole(item)) } }
                    }
                }
            }
        },
        _ if value.is_null() => html! { span.absent { "(none)" } },
        _ => whole(value),
    }
}

fn whole(value: &Value) -> Markup {
    let text = value::lines(value);
    html! { @if text.contains('\n') { pre { (text) } } @else { code { (text) } } }
}
