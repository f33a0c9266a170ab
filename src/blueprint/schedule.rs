//! A schedule becomes an EventBridge rule, and its permission to call the function.

use serde_json::json;

use super::{Build, Site};
use crate::engine::graph::What;
use crate::spec::blocks::schedule::Schedule;

/// The id of the rule's one target.
const TARGET: &str = "function";

impl Build for Schedule {
    fn build(&self, site: &mut Site<'_>) {
        let (spec, scope) = (site.spec, site.scope);
        let name = self.aws_name(site.name, spec);
        let arn = scope.arn("events", &format!("rule/{name}"));
        let function = &spec.blocks.function[self.calls.name()];
        let permission = json!({
            "function": function.aws_name(self.calls.name(), spec),
            "statement_id": format!("schedule-{}", site.name),
            "principal": "events.amazonaws.com",
            "source_arn": arn,
        });
        let permission = site.add_part("permission", "lambda_permission", permission, [self.calls.address()]);
        let target = json!({ "arn": function.arn(self.calls.name(), spec, scope), "input": self.input });
        let attributes = json!({
            "name": name,
            "description": self.description,
            "schedule": self.expression,
            "enabled": self.enabled,
            "targets": { TARGET: target },
            "tags": site.tags(&self.tags),
        });
        // Last, so that it never calls in vain.
        site.add("events_rule", attributes, [self.calls.address(), permission]);
        site.flow(site.address.clone(), What::Data, self.calls.address());
        site.output("arn", arn);
        site.output("name", name);
    }
}
