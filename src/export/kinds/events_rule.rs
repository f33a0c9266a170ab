//! EventBridge rules.

use serde_json::{Value, json};

use super::{Mapping, Subject, entries, filled, named_by, tag_list, text};
use crate::export::parts::cloudformation::{self, properties};
use crate::export::parts::terraform::{self, Term, fields};

pub(super) const MAPPING: Mapping = Mapping {
    kind: "events_rule",
    arn: Some(arn),
    terraform_type: "aws_cloudwatch_event_rule",
    terraform_keys: &[
        ("aws_cloudwatch_event_rule", |it| on_default_bus(it, "name")),
        ("aws_cloudwatch_event_target", |it| on_default_bus(it, "rule")),
    ],
    terraform: |it| {
        let rule = fields([
            ("name", it["name"].clone().into()),
            ("description", filled(&it["description"]).into()),
            ("schedule_expression", it["schedule"].clone().into()),
            ("state", state(it).into()),
            ("tags", it["tags"].clone().into()),
        ]);
        let rule = terraform::Part::new("aws_cloudwatch_event_rule", it.name(), rule);
        let target = |(id, target): (&String, &Value)| {
            let fields = fields([
                ("rule", Term::named("events_rule", it.name())),
                ("target_id", json!(id).into()),
                ("arn", target["arn"].clone().into()),
                ("input", Term::encoded(&target["input"])),
            ]);
            terraform::Part::new("aws_cloudwatch_event_target", &format!("{}/{id}", it.name()), fields)
        };
        Ok([rule].into_iter().chain(entries(&it["targets"]).map(target)).collect())
    },
    get_att: Some("Arn"),
    cloudformation: |it| {
        let target = |(id, target): (&String, &Value)| {
            let input = Some(&target["input"]).filter(|input| !input.is_null()).map(Value::to_string);
            properties([("Id", json!(id)), ("Arn", target["arn"].clone()), ("Input", json!(input))])
        };
        let rule = properties([
            ("Name", it["name"].clone()),
            ("Description", filled(&it["description"])),
            ("ScheduleExpression", it["schedule"].clone()),
            ("State", state(it)),
            ("Targets", entries(&it["targets"]).map(target).collect()),
            ("Tags", tag_list(&it["tags"])),
        ]);
        let arn = arn(it);
        Ok(vec![cloudformation::Part::new("AWS::Events::Rule", [("Arn", arn.as_str())], rule)])
    },
    stays: &[],
};

fn arn(it: &Subject<'_>) -> String {
    it.estate.scope.arn("events", &format!("rule/{}", it.name()))
}

fn state(it: &Subject<'_>) -> Value {
    if it["enabled"] == false { json!("DISABLED") } else { json!("ENABLED") }
}

/// The name of a rule; none on another event bus, where another rule may have it.
fn on_default_bus(attributes: &Value, attribute: &str) -> Vec<String> {
    let bus = text(&attributes["event_bus_name"]);
    if bus.is_empty() || bus == "default" { named_by(attributes, attribute) } else { Vec::new() }
}
