//! Triggers of Glue.

use serde_json::json;

use super::{Exported, Parts, Stays, TerraformKeys, Typed, filled, named_by};
use crate::catalog::Type;
use crate::catalog::glue_trigger::{Action, Condition, ON_DEMAND, Predicate, Spec, Trigger};
use crate::export::parts::cloudformation::{self, named, properties};
use crate::export::parts::terraform::{self, Term, block, blocks, fields};
use crate::model::scope::Scope;

/// AWS has no other.
const EQUALS: &str = "EQUALS";

impl Exported for Trigger {
    const TERRAFORM_TYPE: &'static str = "aws_glue_trigger";
    const TERRAFORM_KEYS: &'static [TerraformKeys] = &[("aws_glue_trigger", |it| named_by(it, "name"))];
    const GET_ATT: Option<&'static str> = None;
    const STAYS: &'static [Stays] = &[];

    fn name(spec: &Spec) -> Option<&str> {
        Some(&spec.name)
    }

    fn arn(scope: &Scope, spec: &Spec) -> Option<String> {
        Some(scope.arn("glue", &format!("trigger/{}", spec.name)))
    }

    fn terraform(it: &Typed<'_, Self>) -> Parts<terraform::Part> {
        let Spec { name, kind, description, schedule, enabled, actions, predicate, workflow, tags } = it.spec;
        let action = |Action { job, arguments, timeout_minutes }: &Action| {
            fields([
                ("job_name", Term::named(Type::GlueJob, job)),
                ("arguments", filled(arguments).into()),
                ("timeout", timeout_minutes.into()),
            ])
        };
        let condition = |Condition { job, state }: &Condition| {
            fields([
                ("logical_operator", EQUALS.into()),
                ("job_name", Term::named(Type::GlueJob, job)),
                ("state", state.into()),
            ])
        };
        let predicate = match predicate {
            None => Term::none(),
            Some(Predicate { logical, conditions }) => {
                block([("logical", logical.into()), ("conditions", blocks(conditions.iter().map(condition)))])
            }
        };
        let trigger = fields([
            ("name", name.into()),
            ("type", kind.into()),
            ("description", filled(description).into()),
            ("schedule", schedule.into()),
            // Of one that fires when somebody asks, Terraform fires it where that becomes true.
            ("enabled", (*enabled && kind != ON_DEMAND).into()),
            ("workflow_name", workflow.as_ref().map_or_else(Term::none, |name| Term::named(Type::Workflow, name))),
            ("tags", tags.into()),
            ("actions", blocks(actions.iter().map(action))),
            ("predicate", predicate),
        ]);
        Ok(vec![terraform::Part::new("aws_glue_trigger", name, trigger)])
    }

    fn cloudformation(it: &Typed<'_, Self>) -> Parts<cloudformation::Part> {
        let Spec { name, kind, description, schedule, enabled, actions, predicate, workflow, tags } = it.spec;
        let action = |Action { job, arguments, timeout_minutes }: &Action| {
            properties([
                ("JobName", named(Type::GlueJob, job)),
                ("Arguments", filled(arguments)),
                ("Timeout", json!(timeout_minutes)),
            ])
        };
        let condition = |Condition { job, state }: &Condition| json!({ "LogicalOperator": EQUALS, "JobName": named(Type::GlueJob, job), "State": state });
        let predicate = predicate.as_ref().map(|Predicate { logical, conditions }| {
            let conditions: Vec<_> = conditions.iter().map(condition).collect();
            json!({ "Logical": logical, "Conditions": conditions })
        });
        let trigger = properties([
            ("Name", json!(name)),
            ("Type", json!(kind)),
            ("Description", filled(description)),
            ("Schedule", json!(schedule)),
            // CloudFormation refuses it of one that fires when somebody asks.
            ("StartOnCreation", json!((kind != ON_DEMAND).then_some(enabled))),
            ("Actions", actions.iter().map(action).collect()),
            ("Predicate", json!(predicate)),
            ("WorkflowName", json!(workflow.as_ref().map(|name| named(Type::Workflow, name)))),
            // Of Glue they are a map.
            ("Tags", filled(tags)),
        ]);
        Ok(vec![cloudformation::Part::new("AWS::Glue::Trigger", [("Name", name.as_str())], trigger)])
    }
}
