//! A rich plan's file with each of its fields changed in turn, left out, or added to, and sealed again: all of it is
//! refused, or is a text that nobody acts on.

use std::collections::{BTreeMap, BTreeSet};

use pipectl::engine::plan::Changes;
use pipectl::engine::planfile::{self, Plan, PlanFile};
use pipectl::engine::review::{Review, review};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::planned::{everyday, registry};

/// What a file may say otherwise: texts, what was derived for others, what AWS has made up, where this machine's files are.
/// None of it is acted on: what is carried out is the plan that was worked out.
const HARMLESS: &[&str] = &[
    "caller",
    "changes[].outputs",
    "changes[].reason",
    "changes[].warnings[]",
    "cost",
    "created",
    "digest",
    "expires",
    "flows",
    "format",
    "made_by",
    "notes",
    "refusals[].message",
    "spec.file",
    "version",
];

/// Every place of a file, with its path and what its kind of place is called.
fn places(value: &Value, path: &mut Vec<String>, shape: &str, found: &mut Vec<(Vec<String>, String)>) {
    let below = |key: &str| if shape.is_empty() { key.to_owned() } else { format!("{shape}.{key}") };
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                path.push(key.clone());
                found.push((path.clone(), below(key)));
                places(value, path, &below(key), found);
                path.pop();
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                path.push(index.to_string());
                found.push((path.clone(), format!("{shape}[]")));
                places(value, path, &format!("{shape}[]"), found);
                path.pop();
            }
        }
        _ => {}
    }
}

/// A value of the same kind that says something else.
fn other(value: &Value) -> Value {
    match value {
        Value::Null => json!("forged"),
        Value::Bool(on) => json!(!on),
        Value::Number(number) => json!(number.as_f64().unwrap_or_default() + 1.0),
        Value::String(text) => json!(format!("{text}x")),
        Value::Array(items) => json!([&items[..], &[json!("forged")]].concat()),
        Value::Object(members) => {
            let mut members = members.clone();
            members.insert("forged".to_owned(), json!("forged"));
            Value::Object(members)
        }
    }
}

/// Does something to the place that a path leads to, seen from what holds it.
fn at(value: &mut Value, path: &[String], act: impl FnOnce(&mut Value, &str)) {
    let Some((last, way)) = path.split_last() else { return };
    let holder = way.iter().fold(value, |value, key| match key.parse::<usize>() {
        Ok(index) if value.is_array() => &mut value[index],
        _ => &mut value[key.as_str()],
    });
    act(holder, last);
}

/// What a file is taken for, if it is taken for a plan at all: whoever forges one changes what says the same as well.
fn read(file: &Value) -> Option<Plan> {
    let changes = serde_json::from_value(file["changes"].clone()).ok()?;
    let plan = Plan { changes: Changes(changes), ..serde_json::from_value(file.clone()).ok()? };
    let sealed = PlanFile::new(&plan).unwrap().to_string();
    let (read, _) = planfile::read(sealed.as_bytes()).unwrap();
    assert_eq!(read, plan);
    Some(plan)
}

/// Whether a file is taken for a plan that says one thing to people and another to those who make rules for plans.
fn is_taken(mut file: Value) -> bool {
    file.as_object_mut().unwrap().remove("digest");
    let digest = hex::encode(Sha256::digest(file.to_string()));
    file["digest"] = digest.into();
    planfile::read(file.to_string().as_bytes()).is_ok()
}

fn is_harmless(shape: &str) -> bool {
    let below =
        |name: &&&str| shape.strip_prefix(**name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
    HARMLESS.iter().any(|name| below(&name))
}

/// The change that a path leads into, and the path in a file of that change alone; the path itself where it is none.
fn alone(path: &[String]) -> (Option<usize>, Vec<String>) {
    match path {
        [first, index, rest @ ..] if first == "changes" => {
            let path = [first.clone(), "0".to_owned()].into_iter().chain(rest.iter().cloned()).collect();
            (Some(index.parse().unwrap()), path)
        }
        path => (None, path.to_vec()),
    }
}

/// A file with one of its places saying something else, and without it: null says the same as nothing.
fn forgeries(file: &Value, path: &[String]) -> Vec<(&'static str, Value)> {
    let index = |holder: &Value, key: &str| key.parse::<usize>().ok().filter(|_| holder.is_array());
    let (mut otherwise, mut without, mut was_null) = (file.clone(), file.clone(), false);
    at(&mut otherwise, path, |holder, key| match index(holder, key) {
        Some(index) => holder[index] = other(&holder[index]),
        None => holder[key] = other(&holder[key]),
    });
    at(&mut without, path, |holder, key| {
        let left_out = match index(holder, key) {
            Some(index) => holder.as_array_mut().unwrap().remove(index),
            None => holder.as_object_mut().unwrap().remove(key).unwrap(),
        };
        was_null = left_out.is_null();
    });
    let without = (!was_null).then_some(("left out", without));
    [("changed", otherwise)].into_iter().chain(without).collect()
}

#[test]
fn a_file_that_says_anything_else_than_what_was_worked_out_is_refused_or_harmless() {
    let (honest, registry) = (everyday(), registry());
    assert_eq!(review(&registry, &honest, &honest), Review::default(), "an honest plan is applied");
    let file = serde_json::to_value(PlanFile::new(&honest).unwrap()).unwrap();
    let mut all = Vec::new();
    places(&file, &mut Vec::new(), "", &mut all);
    // One place of each kind of place, of each type of resource and action: there are thousands that are alike.
    let mut seen = BTreeSet::new();
    let alike = |path: &[String], shape: &str| match path {
        [first, index, ..] if first == "changes" => {
            let change = &file["changes"][index.parse::<usize>().unwrap()];
            (shape.to_owned(), change["kind"].to_string(), change["action"].to_string())
        }
        _ => (shape.to_owned(), String::new(), String::new()),
    };
    all.retain(|(path, shape)| seen.insert(alike(path, shape)));
    assert!(all.len() > 1_000, "{} places: the plan is no longer rich", all.len());

    assert!(is_taken(file.clone()));
    let (mut believed, mut files) = (Vec::new(), BTreeMap::new());
    for (path, shape) in &all {
        // Of a change, its own file says as much as the whole: the whole would take minutes.
        let (index, path) = alone(path);
        let (honest, file) = files.entry(index).or_insert_with(|| {
            let of = |index: usize| Changes(vec![honest.changes.0[index].clone()]);
            let plan = index.map_or_else(
                || honest.clone(),
                |index| Plan { changes: of(index), flows: BTreeSet::new(), ..honest.clone() },
            );
            let file = serde_json::to_value(PlanFile::new(&plan).unwrap()).unwrap();
            (plan, file)
        });
        for (what, forged) in forgeries(file, &path) {
            if shape.starts_with("resource_changes") || shape.starts_with("summary") {
                assert!(!is_taken(forged), "{shape} {what}");
                continue;
            }
            let Some(plan) = read(&forged) else { continue };
            // What this pipectl does not know of a file, and what stands for the same, changes nothing of the plan.
            let told_more = shape == "changes[].warnings" && what == "changed";
            let harmless = is_harmless(shape) || told_more;
            if !harmless && plan != *honest && review(&registry, &plan, honest) == Review::default() {
                believed.push(format!("{shape} of {} {what}", path.join("/")));
            }
        }
    }
    // AWS knows nothing of where the files of a function are: it is the plan that was worked out that finds them.
    believed.retain(|one| !one.contains(".code.path"));
    assert_eq!(believed, [""; 0]);
}

#[test]
fn a_warning_that_was_taken_out_is_missed() {
    let (honest, registry) = (everyday(), registry());
    let warned = honest.changes.0.iter().position(|change| !change.warnings.is_empty()).expect("something is lost");
    let mut silent = honest.clone();
    silent.changes.0[warned].warnings.clear();
    let said = review(&registry, &silent, &honest).disagreements;
    assert!(said.iter().any(|one| one.field == "warnings"), "{said:?}");
}
