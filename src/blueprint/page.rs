//! The page of a dashboard, on which blocks draw their graphs.

use serde_json::{Value, json};

use super::metric::Emitter;
use crate::model::scope::Scope;
use crate::spec::Spec;

/// CloudWatch's grid has this many columns.
pub(super) const COLUMNS: u32 = 24;
/// Size of a graph, in columns and rows: three stand side by side.
const GRAPH: (u32, u32) = (8, 6);

/// A page on which widgets are set from left to right, and row by row.
pub(super) struct Page<'a> {
    pub(super) spec: &'a Spec,
    pub(super) scope: &'a Scope,
    /// The block whose graphs are being drawn.
    emitter: Option<Emitter>,
    widgets: Vec<Value>,
    x: u32,
    y: u32,
    /// Height of the row so far.
    row: u32,
}

impl<'a> Page<'a> {
    /// An empty page.
    pub(super) fn new(spec: &'a Spec, scope: &'a Scope) -> Self {
        Self { spec, scope, emitter: None, widgets: Vec::new(), x: 0, y: 0, row: 0 }
    }

    /// Its widgets, as a dashboard's body holds them.
    pub(super) fn widgets(self) -> Vec<Value> {
        self.widgets
    }

    pub(super) fn alarms(&mut self, arns: &[String]) {
        if !arns.is_empty() {
            // Four to a row, and a row for the title.
            let rows = u32::try_from(arns.len().div_ceil(4)).unwrap_or(u32::MAX).saturating_add(1).min(20);
            self.set("alarm", (COLUMNS, rows), json!({ "title": "Alarms", "alarms": arns }));
        }
    }

    /// Begins a block: a line of text over all columns, and its graphs below.
    pub(super) fn block(&mut self, address: &str, emitter: Emitter) {
        self.emitter = Some(emitter);
        self.title(address);
    }

    /// A line of text over all columns, at the beginning of a row.
    fn title(&mut self, text: &str) {
        self.y += self.row;
        (self.x, self.row) = (0, 0);
        self.set("text", (COLUMNS, 1), json!({ "markdown": format!("## {text}") }));
    }

    /// A graph of metrics of the block, each with its statistic; ` right` behind it sets the metric on the right axis.
    pub(super) fn graph(&mut self, title: &str, metrics: &[(&str, &str)]) {
        let Some(emitter) = &self.emitter else { return };
        let row = |(metric, statistic): &(&str, &str)| match statistic.split_once(' ') {
            Some((statistic, axis)) => emitter.widget_row(metric, &json!({ "stat": statistic, "yAxis": axis })),
            None => emitter.widget_row(metric, &json!({ "stat": statistic })),
        };
        let rows: Vec<Value> = metrics.iter().map(row).collect();
        let properties = json!({ "title": title, "metrics": rows, "view": "timeSeries", "period": 60, "yAxis": { "left": { "min": 0 } } });
        self.set("metric", GRAPH, properties);
    }

    /// Draws a line at a value of the graph that was set last.
    pub(super) fn mark(&mut self, label: &str, value: f64) {
        if let Some(widget) = self.widgets.last_mut() {
            widget["properties"]["annotations"] = json!({ "horizontal": [{ "label": label, "value": value }] });
        }
    }

    pub(super) fn set(&mut self, kind: &str, (width, height): (u32, u32), mut properties: Value) {
        if self.x + width > COLUMNS {
            self.y += self.row;
            (self.x, self.row) = (0, 0);
        }
        // Dashboards belong to no region, so each widget names its own.
        if kind == "metric" || kind == "log" {
            properties["region"] = self.scope.region.clone().into();
        }
        self.widgets.push(json!({
            "type": kind, "x": self.x, "y": self.y, "width": width, "height": height, "properties": properties,
        }));
        self.x += width;
        self.row = self.row.max(height);
    }
}
