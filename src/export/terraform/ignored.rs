//! What a spec leaves alone, as `ignore_changes` names it. No table says which attribute becomes which argument: another
//! value is tried, and what becomes another in Terraform is it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::term::leaf;
use crate::export::Error;
use crate::export::kinds::Subject;
use crate::export::parts::terraform::{Fields, Part, Term};
use crate::model::left_alone::Path;

/// Arguments by the place of the part that has them.
type Arguments = BTreeMap<usize, BTreeSet<String>>;

/// The arguments of each part that follow from what is left alone, by the part's place; and what no argument follows from.
pub(super) fn arguments(subject: &Subject<'_>) -> Result<(Arguments, Vec<Path>), Error> {
    let (mut found, mut lost) = (Arguments::new(), Vec::new());
    let parts = subject.terraform().unwrap_or_default();
    for path in subject.left_alone {
        let names = changed(subject, &parts, path)?;
        if names.is_empty() {
            lost.push(path.clone());
        }
        for (place, names) in names {
            found.entry(place).or_default().extend(names);
        }
    }
    Ok((found, lost))
}

/// What becomes another where an attribute does: of the values that are tried, the first that fits its type and changes anything.
fn changed(subject: &Subject<'_>, parts: &[Part], path: &[String]) -> Result<Arguments, Error> {
    for other in others(at(subject.attributes, path)) {
        let mut attributes = Value::clone(subject.attributes);
        put(&mut attributes, path, other);
        let managed = subject.with_attributes(attributes);
        let tried = Subject::instead(subject, &managed).and_then(|other| other.terraform().ok()).unwrap_or_default();
        let mut found = Arguments::new();
        for (place, (one, other)) in parts.iter().zip(&tried).enumerate() {
            let mut names = BTreeSet::new();
            differing(&one.fields, &other.fields, "", &mut names)?;
            if !names.is_empty() {
                found.insert(place, names);
            }
        }
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Arguments::new())
}

fn at<'a>(attributes: &'a Value, path: &[String]) -> &'a Value {
    path.iter().try_fold(attributes, |value, key| value.get(key)).unwrap_or(&Value::Null)
}

fn put(attributes: &mut Value, path: &[String], value: Value) {
    match (path.split_first(), attributes) {
        (None, place) => *place = value,
        (Some((key, rest)), Value::Object(members)) => {
            put(members.entry(key.as_str()).or_insert(Value::Null), rest, value);
        }
        (Some(_), _) => {}
    }
}

/// Other values than this one: of the same sort, or of any where there is none.
fn others(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => vec![json!(1), json!("1"), json!(true), json!(["1"]), json!({ "read": 1, "write": 1 })],
        Value::Bool(on) => vec![json!(!on)],
        Value::Number(number) => {
            let whole = number.as_i64().map(|number| json!(number + 1));
            whole.into_iter().chain(number.as_f64().map(|number| json!(number + 1.0))).collect()
        }
        // Some types know these two alone.
        Value::String(text) => vec![json!(format!("{text}.")), json!("ON_DEMAND"), json!("PROVISIONED")],
        Value::Array(items) if items.is_empty() => vec![json!(["1"])],
        Value::Array(_) => vec![json!([])],
        Value::Object(members) => {
            let mut more = members.clone();
            more.insert("other".to_owned(), json!("other"));
            let counted = members.iter().map(|(key, value)| (key.clone(), others(value).swap_remove(0))).collect();
            vec![Value::Object(more), Value::Object(counted)]
        }
    }
}

/// The arguments in which two bodies differ: `extended_s3_configuration[0].buffering_size`.
fn differing(one: &Fields, other: &Fields, prefix: &str, names: &mut BTreeSet<String>) -> Result<(), Error> {
    let all: BTreeSet<&str> = one.iter().chain(other).map(|(name, _)| *name).collect();
    for name in all {
        let of = |fields: &'_ Fields| fields.iter().find(|(own, _)| *own == name).map(|(_, term)| term.clone());
        let path = format!("{prefix}{name}");
        match (of(one), of(other)) {
            (Some(Term::Blocks(one)), Some(Term::Blocks(other))) if one.len() == other.len() => {
                for (place, (one, other)) in one.iter().zip(&other).enumerate() {
                    differing(one, other, &format!("{path}[{place}]."), names)?;
                }
            }
            (Some(Term::Plain(Value::Object(one))), Some(Term::Plain(Value::Object(other)))) => {
                for (key, value) in &other {
                    match one.get(key) {
                        Some(own) if own == value => {}
                        // An entry that nobody has is one that anybody may add: all of them are meant.
                        None if key == "other" => _ = names.insert(path.clone()),
                        _ => _ = names.insert(format!("{path}[{}]", leaf(key.as_str())?)),
                    }
                }
            }
            (one, other) if format!("{one:?}") == format!("{other:?}") => {}
            _ => _ = names.insert(path),
        }
    }
    Ok(())
}
