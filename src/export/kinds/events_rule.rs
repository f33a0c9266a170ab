//! EventBridge rules.

use serde_json::{Value, json};

use super::{Exported, Parts, Stays, TerraformKeys, Typed, filled, named_by, tag_list, text};
use crate::catalog::Type;
use crate::catalog::events_rule::{Rule, Spec, Target};
use crate::export::parts::cloudformation::{self, properties};
use crate::export::parts::terraform::{self, Term, fields};
use crate::model::scope::Scope;

impl Exported for Rule {
    const TERRAFORM_TYPE: &'static str = "aws_cloudwatch_event_rule";
    const TERRAFORM_KEYS: &'static [TerraformKeys] = &[
        ("aws_cloudwatch_event_rule", |it| on_default_bus(it, "name")),
        ("aws_cloudwatch_event_target", |it| on_default_bus(it, "rule")),
    ];
    const GET_ATT: Option<&'static str> = Some("Arn");
    const STAYS: &'static [Stays] = &[];

    fn name(spec: &Spec) -> Option<&str> {
        Some(&spec.name)
    }

    fn arn(scope: &Scope, spec: &Spec) -> Option<String> {
        Some(arn(scope, spec))
    }

    fn terraform(it: &Typed<'_, Self>) -> Parts<terraform::Part> {
        let Spec { name, description, schedule, pattern, enabled, targets, tags } = it.spec;
        let rule = fields([
            ("name", name.into()),
            ("description", filled(description).into()),
            ("schedule_expression", schedule.into()),
            ("event_pattern", Term::encoded(pattern)),
            ("state", state(*enabled).into()),
            ("tags", tags.into()),
        ]);
        let rule = terraform::Part::new("aws_cloudwatch_event_rule", name, rule);
        let target = |(id, Target { arn, input }): (&String, &Target)| {
            let fields = fields([
                ("rule", Term::named(Type::Rule, name)),
                ("target_id", id.into()),
                ("arn", arn.into()),
                ("input", Term::encoded(input)),
            ]);
            terraform::Part::new("aws_cloudwatch_event_target", &format!("{name}/{id}"), fields)
        };
        Ok([rule].into_iter().chain(targets.iter().map(target)).collect())
    }

    fn cloudformation(it: &Typed<'_, Self>) -> Parts<cloudformation::Part> {
        let Spec { name, description, schedule, pattern, enabled, targets, tags } = it.spec;
        let target = |(id, Target { arn, input }): (&String, &Target)| {
            let input = input.as_ref().filter(|input| !input.is_null()).map(Value::to_string);
            properties([("Id", json!(id)), ("Arn", json!(arn)), ("Input", json!(input))])
        };
        let rule = properties([
            ("Name", json!(name)),
            ("Description", filled(description)),
            ("ScheduleExpression", json!(schedule)),
            ("EventPattern", json!(pattern)),
            ("State", json!(state(*enabled))),
            ("Targets", targets.iter().map(target).collect()),
            ("Tags", tag_list(tags)),
        ]);
        let arn = arn(&it.estate.scope, it.spec);
        Ok(vec![cloudformation::Part::new("AWS::Events::Rule", [("Arn", arn.as_str())], rule)])
    }
}

fn arn(scope: &Scope, spec: &Spec) -> String {
    scope.arn("events", &format!("rule/{}", spec.name))
}

fn state(enabled: bool) -> &'static str {
    if enabled { "ENABLED" } else { "DISABLED" }
}

/// The name of a rule; none on another event bus, where another rule may have it.
fn on_default_bus(attributes: &Value, attribute: &str) -> Vec<String> {
    let bus = text(&attributes["event_bus_name"]);
    if bus.is_empty() || bus == "default" { named_by(attributes, attribute) } else { Vec::new() }
}
