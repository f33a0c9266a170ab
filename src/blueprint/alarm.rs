//! An alarm becomes a CloudWatch metric alarm, all defaults filled in.

use std::collections::BTreeSet;

use super::metric::Emitter;
use super::{Build, BuildContext};
use crate::catalog::cloudwatch_metrics::{Metric, Query};
use crate::catalog::{Type, cloudwatch_alarm};
use crate::model::graph::What;
use crate::spec::blocks::alarm::{Alarm, Condition, MissingData, Operand, RESULT};
use crate::spec::metrics::Comparison;
use crate::spec::{Block as _, Ref, Spec};

impl Build for Alarm {
    const TYPE: Option<Type> = Some(Type::Alarm);

    fn build(&self, site: &mut BuildContext<'_>) {
        let condition = self.condition(site.spec);
        let name = self.aws_name(site.name, site.spec);
        let topics: BTreeSet<String> = self.notifies.iter().map(|topic| site.resolve(topic).arn).collect();
        let (metric, queries) = match (&condition.expression, condition.operands.values().next()) {
            (Some(expression), _) => (None, queries(expression, &condition, site.spec)),
            (None, Some(operand)) => (metric(operand, &condition, site.spec), Vec::new()),
            (None, None) => (None, Vec::new()),
        };
        let alarm = cloudwatch_alarm::Spec {
            name: name.clone(),
            description: self.description.clone().unwrap_or_else(|| self.describe(&condition, site.spec)),
            metric,
            queries,
            comparison: operator(condition.comparison).to_owned(),
            // A spec whose alarms have none is not built.
            threshold: condition.threshold.unwrap_or_default(),
            evaluation_periods: condition.periods,
            datapoints_to_alarm: Some(condition.datapoints),
            missing_data: missing(self.missing_data).to_owned(),
            actions_enabled: true,
            ok_actions: if self.notify_ok { topics.clone() } else { BTreeSet::new() },
            alarm_actions: topics,
            insufficient_data_actions: BTreeSet::new(),
            tags: site.tags(&self.tags),
        };
        site.add(alarm, self.notifies.iter().map(Ref::address));
        for watched in condition.operands.values().filter_map(|operand| operand.of.as_ref()).chain([&self.watches]) {
            site.flow(site.address.clone(), What::Watches, watched.address());
        }
        for topic in &self.notifies {
            site.flow(site.address.clone(), What::Notifies, topic.address());
        }
        site.output("arn", site.arn(self));
        site.output("name", name);
    }

    fn key(&self) -> Option<&str> {
        None
    }
}

impl Alarm {
    fn describe(&self, condition: &Condition, spec: &Spec) -> String {
        let watched = &self.watches;
        if let Some(usual) = self.usual(spec).filter(|_| self.threshold.is_none()) {
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

fn metric(operand: &Operand, condition: &Condition, spec: &Spec) -> Option<Metric> {
    let emitter = operand.of.as_ref().and_then(|of| Emitter::of(of.kind(), of.name(), spec));
    let statistic = operand.statistic.as_deref().unwrap_or("Sum");
    emitter.map(|emitter| emitter.alarm_metric(&operand.metric, statistic, condition.period))
}

/// The metrics of an expression, and the expression: the one of them that the alarm watches.
fn queries(expression: &str, condition: &Condition, spec: &Spec) -> Vec<Query> {
    let query = |id: &str| Query { id: id.to_owned(), metric: None, expression: None, label: None, return_data: false };
    let operands = condition.operands.iter().map(|(id, it)| Query { metric: metric(it, condition, spec), ..query(id) });
    let result = Query { expression: Some(expression.to_owned()), return_data: true, ..query(RESULT) };
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
