//! What could keep an alarm from ever firing, or from being heard.

use super::{Alarm, Condition, Operand, RESULT};
use crate::spec::Spec;
use crate::spec::blocks::Kind;
use crate::spec::blocks::queue::{WAITING, is_of_dead_letters};
use crate::spec::blocks::topic;
use crate::spec::check::Checks;
use crate::spec::metrics::{self, Usual};
use crate::spec::nearest::{listed, nearest};

/// Checks everything about an alarm but its name and its tags.
pub(super) fn all(alarm: &Alarm, spec: &Spec, checks: &mut Checks<'_>) {
    alarm.check_form(spec, checks);
    alarm.check_operands(spec, checks);
    alarm.check_periods(spec, checks);
    alarm.check_topics(spec, checks);
}

impl Alarm {
    fn check_form(&self, spec: &Spec, checks: &mut Checks<'_>) {
        if self.metric.is_some() && self.expression.is_some() {
            checks.error("expression", "an alarm has either a `metric` or an `expression`");
        }
        let nothing = self.expression.is_none() && self.metric_name(spec).is_none() && self.usual(spec).is_none();
        if let (true, Some(Usual::None(why))) = (nothing, metrics::source(self.watches.kind()).map(|it| it.usual)) {
            checks.error("", "this alarm needs a `metric`").help(why);
        } else if nothing && self.is_external(spec) {
            checks
                .error(
                    "",
                    format!("`{}` is external: what is usual of it depends on what only its owner knows", self.watches),
                )
                .help("write a `metric`, with its `threshold`");
        }
        if self.expression.is_some() && self.metrics.is_empty() {
            checks
                .error("expression", "an `expression` needs the `metrics` that it names")
                .help("write `metrics = { sent = { metric = \"DeliveryToS3.Records\" } }`");
        }
        if self.expression.is_none() && !self.metrics.is_empty() {
            checks.error("metrics", "`metrics` are for an `expression`, and there is none");
        }
        if self.metric_name(spec).is_none() && self.statistic.is_some() {
            checks.error("statistic", "the metrics of an expression have a `statistic` each");
        }
        for word in words(self.expression.as_deref().unwrap_or_default()) {
            if !self.metrics.contains_key(word) && !self.metrics.is_empty() {
                checks
                    .error("expression", format!("there is no metric `{word}` among `metrics`"))
                    .help(format!("these are {}", listed(self.metrics.keys().map(String::as_str), "and")));
            }
        }
        for id in self.metrics.keys() {
            let starts = id.starts_with(|c: char| c.is_ascii_lowercase());
            if id == RESULT {
                checks.error(&format!("metrics.{id}"), format!("`{RESULT}` is the id of the expression itself"));
            }
            if !starts || !id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
                let fault = format!("`{id}` cannot name a metric in an expression");
                checks
                    .error(&format!("metrics.{id}"), fault)
                    .help("an id begins with a lower-case letter, and holds letters, digits and `_`");
            }
        }
    }

    fn check_operands(&self, spec: &Spec, checks: &mut Checks<'_>) {
        let condition = self.condition(spec);
        for (id, operand) in &condition.operands {
            let at = |field: &str| match &self.metrics.contains_key(id) {
                true => format!("metrics.{id}.{field}"),
                false => field.to_owned(),
            };
            check_metric(&at("metric"), &at("statistic"), operand, spec, checks);
        }
        if condition.operands.is_empty() {
            return;
        }
        let Some(threshold) = condition.threshold else {
            let why = if self.is_external(spec) {
                "what would suit is its owner's to know"
            } else {
                "there is none that suits every pipeline"
            };
            checks.error("", format!("this alarm needs a `threshold`: {why}"));
            return;
        };
        let counts = matches!(self.statistic.as_deref(), Some("Sum" | "SampleCount"));
        let ratio = self.single_metric(spec).is_some_and(|metric| metric.ratio) && !counts;
        if ratio && !(0.0..=1.0).contains(&threshold) {
            checks
                .error("threshold", format!("the value is a share between 0 and 1, and never passes {threshold}"))
                .help("for 95 % write `0.95`");
        }
        if !threshold.is_finite() {
            checks.error("threshold", "a threshold is a finite number");
        }
        let interval =
            spec.blocks.firehose.own().get(self.watches.name()).map_or(0, |it| it.buffering.interval_seconds);
        if self.metric.as_deref() == Some("DeliveryToS3.DataFreshness") && threshold <= f64::from(interval) {
            checks.warning(
                "threshold",
                format!("records wait up to {interval} s in the buffer, so this fires all the time"),
            );
        }
        let waiting = self.metric.as_deref() == Some(WAITING) && !is_of_dead_letters(self.watches.name(), spec);
        if waiting && threshold < 1.0 {
            let message = format!("messages of `{}` wait to be received, so this fires all the time", self.watches);
            checks
                .warning("metric", message)
                .help("write a `threshold`, or `metric = \"ApproximateAgeOfOldestMessage\"`");
        }
    }

    fn check_periods(&self, spec: &Spec, checks: &mut Checks<'_>) {
        let Condition { period, periods, datapoints, .. } = self.condition(spec);
        if FAST.contains(&period) {
            checks
                .warning(
                    "period",
                    format!("AWS's own metrics come once a minute: most periods of {period} s have no data"),
                )
                .help("write `period = 60`, or more");
        } else if period == 0 || period % 60 != 0 {
            checks
                .error("period", format!("a period of {period} s is not a multiple of 60 s"))
                .help("CloudWatch takes 10, 20, 30 and multiples of 60");
        }
        let (most, words) = if period >= 3600 { (604_800, "seven days") } else { (86_400, "a day") };
        if u64::from(period) * u64::from(periods) > most {
            let field = if self.periods.is_some() { "periods" } else { "period" };
            checks.error(
                field,
                format!("{periods} periods of {period} s are more than {words}, the most that CloudWatch looks at"),
            );
        }
        if datapoints > periods {
            checks.error("datapoints", format!("{datapoints} of {periods} periods can never breach"));
        }
    }

    fn check_topics(&self, spec: &Spec, checks: &mut Checks<'_>) {
        if self.notifies.is_empty() {
            checks.warning("", "nobody is told when this alarm fires").help("write `notifies = [\"topic.…\"]`");
        }
        topic::check_told("notifies", &self.notifies, "CloudWatch", spec, checks);
    }
}

/// The periods below a minute that CloudWatch takes, in seconds.
const FAST: [u32; 3] = [10, 20, 30];

/// Whether the ends of a range, `TM(10%:90%)`, stand in their order.
fn in_order(statistic: &str) -> bool {
    let range = statistic.split_once('(').and_then(|(_, range)| range.trim_end_matches(')').split_once(':'));
    let number = |end: &str| end.trim_end_matches('%').parse::<f64>().ok();
    let Some((Some(from), Some(to))) = range.map(|(from, to)| (number(from), number(to))) else { return true };
    from < to
}

/// The ids in an expression: they begin with a lower-case letter, functions with a capital.
fn words(expression: &str) -> impl Iterator<Item = &str> {
    let words = expression.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| word.starts_with(|c: char| c.is_ascii_lowercase()))
}

/// Checks that a metric exists, that the block emits it, and that the statistic says something.
fn check_metric(path: &str, statistic_path: &str, operand: &Operand, spec: &Spec, checks: &mut Checks<'_>) {
    let Some(of) = &operand.of else { return };
    let Some((kind, source)) = Kind::named(of.kind()).zip(metrics::source(of.kind())) else { return };
    let name = &operand.metric;
    let known = source.metric(name);
    if known.is_some() && !spec.blocks.has(of.kind(), of.name()) {
        // Whether it emits that depends on a block that cannot be read, or is not there.
        return;
    }
    let missing = known.map_or(Some("there is no such metric"), |metric| metric.missing(kind, of.name(), spec));
    if let Some(reason) = missing {
        let emitted = source.metrics.iter().filter(|metric| metric.missing(kind, of.name(), spec).is_none());
        let emitted: Vec<&str> = emitted.map(|metric| metric.name).collect();
        let help = match nearest(name, emitted.iter().copied()).filter(|_| known.is_none()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it emits {}", listed(emitted, "and")),
        };
        checks.error(path, format!("`{of}` never emits `{name}`: {reason}")).help(help);
        return;
    }
    if let Some(statistic) = operand.statistic.as_ref().filter(|statistic| !in_order(statistic)) {
        checks.error(statistic_path, format!("nothing lies in the range of `{statistic}`"));
    }
    if let (Some(metric), Some(statistic)) = (known, &operand.statistic)
        && !metric.statistics.contains(&statistic.as_str())
    {
        let usual = metric.statistics.join("` or `");
        checks
            .warning(statistic_path, format!("the {statistic} of `{name}` says little"))
            .help(format!("write `{usual}`"));
    }
}
