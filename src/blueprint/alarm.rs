//! An alarm becomes a CloudWatch metric alarm, all defaults filled in.

use serde_json::{Value, json};

use super::metric::Emitter;
use super::{Build, Site, topic};
use crate::engine::graph::What;
use crate::engine::scope::Scope;
use crate::spec::blocks::alarm::{Alarm, Condition, MissingData, Operand, RESULT};
use crate::spec::metrics::Comparison;
use crate::spec::{Ref, Spec};

impl Build for Alarm {
    fn build(&self, site: &mut Site<'_>) {
        let condition = self.condition(site.spec);
        let name = self.aws_name(site.name, site.spec);
        let topics: Vec<String> = self.notifies.iter().map(|topic| topic::arn(topic, site.spec, site.scope)).collect();
        let mut attributes = json!({
            "name": name,
            "description": self.description.clone().unwrap_or_else(|| self.describe(&condition)),
            "comparison": operator(condition.comparison),
            "threshold": condition.threshold,
            "evaluation_periods": condition.periods,
            "datapoints_to_alarm": condition.datapoints,
            "missing_data": missing(self.missing_data),
            "alarm_actions": topics,
            "ok_actions": if self.notify_ok { &topics[..] } else { &[] },
            "tags": site.tags(&self.tags),
        });
        if let Some(expression) = &condition.expression {
            attributes["queries"] = queries(expression, &condition, site.spec).into();
        } else if let Some(operand) = condition.operands.values().next() {
            attributes["metric"] = metric(operand, &condition, site.spec);
        }
        site.add("cloudwatch_alarm", attributes, self.notifies.iter().map(Ref::address));
        for watched in condition.operands.values().filter_map(|operand| operand.of.as_ref()).chain([&self.watches]) {
            site.flow(site.address.clone(), What::Watches, watched.address());
        }
        for topic in &self.notifies {
            site.flow(site.address.clone(), What::Notifies, topic.address());
        }
        site.output("arn", self.arn(site.name, site.spec, site.scope));
        site.output("name", name);
    }
}

impl Alarm {
    pub(super) fn arn(&self, block: &str, spec: &Spec, scope: &Scope) -> String {
        scope.arn("cloudwatch", &format!("alarm:{}", self.aws_name(block, spec)))
    }

    fn describe(&self, condition: &Condition) -> String {
        let watched = &self.watches;
        if let Some(usual) = self.usual().filter(|_| self.threshold.is_none()) {
            return usual.meaning(&watched.to_string());
        }
        let value = match &condition.expression {
            Some(expression) => expression.as_str(),
            None => condition.operands.values().next().map_or("", |operand| operand.metric.as_str()),
        };
        let words = match condition.comparison {
            Comparison::Above => "above",
            Comparison::AtLeast => "at or above",
            Comparison::Below => "below",
            Comparison::AtMost => "at or below",
        };
        let threshold = condition.threshold.unwrap_or_default();
        format!("{watched}: {value} is {words} {threshold}").chars().take(1024).collect()
    }
}

fn metric(operand: &Operand, condition: &Condition, spec: &Spec) -> Value {
    let emitter = operand.of.as_ref().and_then(|of| Emitter::of(of.kind(), of.name(), spec));
    let statistic = operand.statistic.as_deref().unwrap_or("Sum");
    emitter.map_or(Value::Null, |emitter| emitter.alarm_metric(&operand.metric, statistic, condition.period))
}

/// The metrics of an expression, and the expression: the one of them that the alarm watches.
fn queries(expression: &str, condition: &Condition, spec: &Spec) -> Vec<Value> {
    let operands = condition.operands.iter().map(|(id, it)| json!({ "id": id, "metric": metric(it, condition, spec) }));
    let result = json!({ "id": RESULT, "expression": expression, "return_data": true });
    operands.chain([result]).collect()
}

fn operator(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Above => "GreaterThanThreshold",
        Comparison::AtLeast => "GreaterThanOrEqualToThreshold",
        Comparison::Below => "LessThanThreshold",
        Comparison::AtMost => "LessThanOrEqualToThreshold",
    }
}

fn missing(data: MissingData) -> &'static str {
    match data {
        MissingData::Missing => "missing",
        MissingData::NotBreaching => "notBreaching",
        MissingData::Breaching => "breaching",
        MissingData::Ignore => "ignore",
    }
}
