//! A schedule becomes an EventBridge rule, and its permission to call the function.

use std::collections::BTreeMap;

use serde_json::Value;

use super::page::Page;
use super::{Build, BuildContext};
use crate::catalog::Type;
use crate::catalog::{events_rule, lambda_permission};
use crate::model::graph::What;
use crate::spec::Block as _;
use crate::spec::blocks::schedule::Schedule;

/// The id of the rule's one target.
const TARGET: &str = "function";

impl Build for Schedule {
    const TYPE: Option<Type> = Some(Type::Rule);

    fn build(&self, site: &mut BuildContext<'_>) {
        let (spec, scope) = (site.spec, site.scope);
        let name = self.aws_name(site.name, spec);
        let arn = scope.arn("events", &format!("rule/{name}"));
        let function = site.resolve(&self.calls);
        let permission = lambda_permission::Spec {
            function: function.name,
            statement_id: format!("schedule-{}", site.first_name()),
            principal: "events.amazonaws.com".to_owned(),
            source_arn: Some(arn.clone()),
            source_account: None,
            api: None,
        };
        // Who may call another owner's function is that owner's to say.
        let own = !site.is_external(&self.calls.address());
        let permission = own.then(|| site.add_part("permission", permission, [self.calls.address()]));
        let target = events_rule::Target { arn: function.arn, input: self.input.clone().map(Value::Object) };
        let rule = events_rule::Spec {
            name: name.clone(),
            description: self.description.clone(),
            schedule: Some(self.expression.clone()),
            pattern: None,
            enabled: self.enabled,
            targets: BTreeMap::from([(TARGET.to_owned(), target)]),
            tags: site.tags(&self.tags),
        };
        // Last, so that it never calls in vain.
        site.add(rule, [self.calls.address()].into_iter().chain(permission));
        site.flow(site.address.clone(), What::Data, self.calls.address());
        site.output("arn", arn);
        site.output("name", name);
    }

    fn key(&self) -> Option<&str> {
        None
    }

    fn draw(_own: Option<&Self>, _name: &str, page: &mut Page<'_>) {
        let calls = ["TriggeredRules", "Invocations", "FailedInvocations"];
        page.graph("Calls", &calls.map(|metric| (metric, "Sum")));
    }
}
