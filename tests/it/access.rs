//! What the attributes of each resource type have to do with access: every one has been decided on.

use std::sync::Arc;

use serde_json::Value;

use pipectl::aws::Aws;
use pipectl::aws::kinds::registry;
use pipectl::model::access::{Access, Rules};

/// The attributes of which nobody has decided what they have to do with access.
fn undecided(rules: &Rules, schema: &Value, path: &str, found: &mut Vec<String>) {
    if rules.of(path).is_some_and(|access| access != Access::Returned) {
        return;
    }
    let choices = schema["anyOf"].as_array().cloned().unwrap_or_default();
    let all: Vec<&Value> = std::iter::once(schema).chain(&choices).collect();
    let join = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    let members = all.iter().filter_map(|schema| schema["properties"].as_object()).flatten();
    let mut any = false;
    for (name, schema) in members {
        any = true;
        undecided(rules, schema, &join(name), found);
    }
    for items in all.iter().map(|schema| &schema["additionalProperties"]).filter(|items| items.is_object()) {
        any = true;
        undecided(rules, items, &join("*"), found);
    }
    if !any {
        found.push(path.to_owned());
    }
}

#[test]
fn every_attribute_of_every_type_has_been_decided_on() {
    let registry = registry(&Arc::new(Aws::new(None)));
    for kind in registry.iter() {
        let mut found = Vec::new();
        undecided(kind.access(), kind.schema(), "", &mut found);
        assert_eq!(found, [""; 0], "what have these of {} to do with access?", kind.name());
    }
}

#[test]
fn no_decision_is_about_an_attribute_that_there_is_not() {
    let registry = registry(&Arc::new(Aws::new(None)));
    for kind in registry.iter() {
        for path in kind.access().attributes.iter().flat_map(|(_, paths)| *paths) {
            let there = path.split('.').try_fold(kind.schema().clone(), |schema, key| {
                let choices = schema["anyOf"].as_array().cloned().unwrap_or_default();
                let mut all = std::iter::once(&schema).chain(&choices);
                let below = |schema: &Value| match key {
                    "*" => schema["additionalProperties"].clone(),
                    key => schema["properties"][key].clone(),
                };
                all.find_map(|schema| Some(below(schema)).filter(|found| !found.is_null()))
            });
            assert!(there.is_some(), "{} has no `{path}`", kind.name());
        }
    }
}
