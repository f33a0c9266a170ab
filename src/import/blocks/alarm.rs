//! `[alarm.<name>]`, from a CloudWatch alarm.

use serde_json::{Map, Value, json};

use super::Sketch;
use crate::catalog::Type;
use crate::catalog::facets::Metrics;
use crate::import::block::Block;
use crate::import::live::{items, text};
use crate::spec::metrics::source;

const KIND: &str = "cloudwatch_alarm";

pub(super) fn suggest(sketch: &mut Sketch<'_>) {
    for (key, live) in sketch.all(KIND) {
        match told(sketch, live).and_then(|topics| Ok((topics, watched(sketch, live)?))) {
            Err(reason) => sketch.leave(KIND, key, reason),
            Ok((topics, watched)) => {
                let mut block = sketch.begin("alarm", (KIND, key), live, key);
                block.set("description", live["description"].clone());
                watched.write(&mut block, live);
                condition(&mut block, live);
                block.set_unless("notifies", topics.clone(), json!([]));
                block.needs.extend(topics);
                block.set_unless("notify_ok", items(&live["ok_actions"]).next().is_some(), false);
                block.tagged(live);
                sketch.add(block);
            }
        }
    }
}

fn condition(block: &mut Block, live: &Value) {
    let comparison = match text(&live["comparison"]) {
        "GreaterThanOrEqualToThreshold" => ">=",
        "LessThanThreshold" => "<",
        "LessThanOrEqualToThreshold" => "<=",
        _ => ">",
    };
    block.set("comparison", comparison);
    block.set("threshold", live["threshold"].clone());
    block.set("periods", live["evaluation_periods"].clone());
    block.set_unless("datapoints", live["datapoints_to_alarm"].clone(), live["evaluation_periods"].clone());
    let missing = match text(&live["missing_data"]) {
        "notBreaching" => "not-breaching",
        other => other,
    };
    block.set_unless("missing_data", missing, "not-breaching");
}

/// The topics that it tells, or why no block can.
fn told(sketch: &Sketch<'_>, live: &Value) -> Result<Vec<String>, String> {
    let topic = |arn: &Value| {
        let arn = text(arn);
        let own = arn.strip_prefix(&sketch.place.scope.arn("sns", ""));
        let outside = || format!("it tells `{arn}`, which is no topic that is taken over");
        own.and_then(|name| sketch.address("sns_topic", name)).ok_or_else(outside)
    };
    items(&live["alarm_actions"]).map(topic).collect()
}

/// What an alarm watches, in the words of a spec.
struct Watched {
    /// The first block whose metric it looks at.
    block: String,
    /// Its metric, for an alarm on one.
    metric: Option<String>,
    /// The metrics of its expression, by id.
    operands: Map<String, Value>,
    /// All blocks that it looks at.
    all: Vec<String>,
}

/// What an alarm watches, or why no block can.
fn watched(sketch: &Sketch<'_>, live: &Value) -> Result<Watched, String> {
    if live["metric"].is_object() {
        let block = emitter(sketch, &live["metric"])?;
        let metric = Some(text(&live["metric"]["name"]).to_owned());
        return Ok(Watched { all: vec![block.clone()], block, metric, operands: Map::new() });
    }
    let metrics = items(&live["queries"]).filter(|query| query["metric"].is_object());
    let metrics = metrics.map(|query| Ok((query, emitter(sketch, &query["metric"])?)));
    let metrics: Vec<(&Value, String)> = metrics.collect::<Result<_, String>>()?;
    let all: Vec<String> = metrics.iter().map(|(_, block)| block.clone()).collect();
    let firehose = all.iter().find(|block| block.starts_with("firehose."));
    let block = firehose.or(all.first()).cloned().ok_or("it watches no metric")?;
    let operand = |(query, of): &(&Value, String)| {
        let metric = &query["metric"];
        let of = (*of != block).then_some(of);
        let operand = json!({ "of": of, "metric": metric["name"], "statistic": metric["statistic"] });
        (text(&query["id"]).to_owned(), operand)
    };
    let operands = metrics.iter().map(operand).collect();
    Ok(Watched { block, metric: None, operands, all })
}

/// The block that emits a metric, or why none does.
fn emitter(sketch: &Sketch<'_>, metric: &Value) -> Result<String, String> {
    let namespace = text(&metric["namespace"]);
    let dimensions = metric["dimensions"].as_object().filter(|dimensions| dimensions.len() == 1);
    let of_type = |one: &Type| match one.metrics() {
        Metrics::In { namespace: its, dimension } if its == namespace => {
            sketch.address(one.name(), text(dimensions?.get(dimension)?))
        }
        Metrics::In { .. } | Metrics::InMore { .. } | Metrics::None(_) => None,
    };
    let emits = |block: &String| source(block.split('.').next().unwrap_or_default()).is_some();
    let block = Type::ALL.iter().find_map(of_type).filter(emits);
    block.ok_or_else(|| {
        format!("it watches `{}` of `{namespace}`, of nothing that is taken over", text(&metric["name"]))
    })
}

impl Watched {
    fn write(self, block: &mut Block, live: &Value) {
        block.refer("watches", &self.block);
        block.needs.extend(self.all);
        let single = &live["metric"];
        if let Some(metric) = self.metric {
            block.set("metric", metric);
            block.set("statistic", single["statistic"].clone());
            block.set("period", single["period"].clone());
            return;
        }
        let queries = &live["queries"];
        let expression = items(queries).find_map(|query| query["expression"].as_str());
        block.set("expression", expression);
        block.set("metrics", self.operands);
        let period = items(queries).find_map(|query| query["metric"]["period"].as_u64());
        block.set("period", period);
    }
}
