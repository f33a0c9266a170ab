//! What an environment costs a month: worked out offline from the attributes of its resources, what is expected of them and
//! a dated price table.
//!
//! Pure. The attributes may be those that a spec wants or those that AWS has now, so what a plan changes is the
//! difference of two estimates. One file per service.

pub mod athena;
mod change;
mod cloudwatch;
mod dynamodb;
mod expected;
mod firehose;
mod flow;
mod inventory;
mod kinesis;
mod lambda;
mod prices;
mod requests;
mod s3;
mod sheet;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::catalog::Resource as Typed;
use crate::model::graph::Graph;
use flow::Flow;
use inventory::{DeliveryStream, Inventory, Resource, reads, writes};
use sheet::{Sheet, rounded};

pub use change::change;
pub use expected::{Expected, expected};
pub use prices::{NoPrices, Prices, Tariff, Tier};
pub use sheet::Line;

/// What an environment costs a month, in USD.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// The region whose prices these are.
    pub region: String,
    /// When the prices were written down: `2026-11-21`.
    pub prices: String,
    /// The blocks that cost anything, in order of address.
    pub blocks: Vec<Block>,
    /// What all of them come to, to the cent.
    pub total: f64,
    /// What the numbers take for granted, one sentence each.
    pub assumptions: Vec<String>,
    /// The blocks whose traffic nobody has said: what depends on it is not in the numbers.
    pub unknown_traffic: Vec<String>,
    /// The blocks that AWS bills and that have no prices here, or not all: what is missing is not in the numbers.
    pub uncounted: Vec<String>,
    /// The prices that are missing of such a block, by the names that `[prices]` gives them; none of a block whose type has none.
    pub missing_prices: BTreeMap<String, BTreeSet<&'static str>>,
}

impl Estimate {
    /// Whether the total leaves nothing out that is known to cost something: else it is the least.
    pub fn is_whole(&self) -> bool {
        self.uncounted.is_empty() && self.unknown_traffic.is_empty()
    }
}

impl Estimate {
    /// The same, which says of these blocks that their use was counted.
    #[must_use]
    pub fn as_counted(mut self, blocks: &[String]) -> Self {
        if !blocks.is_empty() {
            let said = format!(
                "As CloudWatch has counted in the last 30 days, or since the first value where that is younger, and taken for a month: {}.",
                blocks.join(", ")
            );
            self.assumptions.insert(1, said);
        }
        self
    }
}

/// What a block costs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Block {
    /// `stream.clicks`.
    pub block: String,
    /// What AWS bills for it.
    pub lines: Vec<Line>,
    /// What they come to, in USD a month.
    pub amount: f64,
}

/// What the resources of a graph cost at the prices of a region.
///
/// # Errors
/// When there are no prices of that region.
pub fn estimate(graph: &Graph, expected: &Expected, region: &str) -> Result<Estimate, NoPrices> {
    let tariff = Tariff::of(region, &expected.prices)?;
    let resources = graph.resources.values().map(|resource| Resource {
        address: &resource.address,
        kind: &resource.kind,
        attributes: &resource.attributes,
    });
    Ok(Books { inventory: Inventory::of(resources), expected, tariff }.estimate(region))
}

/// Everything that an estimate is made of.
struct Books<'a> {
    inventory: Inventory,
    expected: &'a Expected,
    tariff: Tariff<'a>,
}

impl Books<'_> {
    fn estimate(&self, region: &str) -> Estimate {
        let mut ledger = Ledger {
            blocks: BTreeMap::new(),
            assumptions: assumptions(&self.tariff),
            unknown_traffic: BTreeSet::new(),
            uncounted: self.inventory.uncounted.clone(),
            missing_prices: BTreeMap::new(),
            unconfirmed: BTreeSet::new(),
        };
        let general = ledger.assumptions.len();
        for (block, resource) in &self.inventory.resources {
            self.write(block, resource, &mut ledger);
        }
        let unconfirmed = ledger.unconfirmed.iter().map(|service| {
            let page = self.tariff.page(service);
            format!("The prices of {service} in this region are not confirmed; AWS's are at {page}")
        });
        ledger.assumptions.splice(general..general, unconfirmed);
        let sum = |lines: &[Line]| rounded(lines.iter().map(|line| line.amount).sum(), 4);
        let blocks = ledger.blocks.into_iter().filter(|(_, lines)| !lines.is_empty());
        let blocks: Vec<Block> = blocks.map(|(block, lines)| Block { amount: sum(&lines), block, lines }).collect();
        Estimate {
            region: region.to_owned(),
            prices: Prices::table().date.clone(),
            total: rounded(blocks.iter().map(|block| block.amount).sum(), 2),
            blocks,
            assumptions: ledger.assumptions,
            unknown_traffic: ledger.unknown_traffic.into_iter().collect(),
            uncounted: ledger.uncounted.into_iter().collect(),
            missing_prices: ledger.missing_prices,
        }
    }

    /// Writes down what a resource costs; what nobody has said the use of is named.
    fn write(&self, block: &str, resource: &Typed, ledger: &mut Ledger) {
        let Self { inventory: all, expected, .. } = self;
        match resource {
            Typed::Stream(stream) => {
                let flow = ledger.know(block, self.flow(block));
                kinesis::stream(stream, all.readers(stream), flow, &mut self.sheet(block, ledger));
            }
            Typed::DeliveryStream(stream) => {
                // Of one that reads a stream, the stream is named where nobody has said.
                let flow = self.flow_through(stream);
                let flow = if stream.source.is_none() { ledger.know(block, flow) } else { flow };
                if let Some(flow) = flow {
                    firehose::delivery_stream(stream, flow, &mut self.sheet(block, ledger));
                }
            }
            Typed::Bucket(bucket) => {
                let writers = all.delivery_streams().filter(|stream| writes(stream, &bucket.name));
                let writers: Vec<_> = writers.filter_map(|stream| Some((stream, self.flow_through(stream)?))).collect();
                s3::bucket(bucket, &writers, &mut self.sheet(block, ledger));
            }
            Typed::Alarm(alarm) => cloudwatch::alarm(alarm, &mut self.sheet(block, ledger)),
            Typed::Dashboard(_) => cloudwatch::dashboard(&mut self.sheet(block, ledger)),
            Typed::Function(function) => {
                if let Some(calls) = ledger.know(block, expected.functions.get(block).copied()) {
                    let log_days = all.log_days(&function.log_group);
                    lambda::function(function, calls, log_days, &mut self.sheet(block, ledger));
                }
            }
            Typed::Table(table) => {
                let items = ledger.know(block, expected.tables.get(block).copied());
                dynamodb::table(table, items, &mut self.sheet(block, ledger));
            }
            Typed::RestApi(_) => {
                if let Some(requests) = ledger.know(block, expected.apis.get(block).copied()) {
                    requests::api(requests, &mut self.sheet(block, ledger));
                }
            }
            Typed::Queue(queue) => {
                if let Some(messages) = ledger.know(block, expected.queues.get(block).copied()) {
                    requests::queue(queue, messages, &mut self.sheet(block, ledger));
                }
            }
            Typed::Topic(topic) => {
                if let Some(messages) = expected.topics.get(block) {
                    requests::topic(all.mails(&topic.name), *messages, &mut self.sheet(block, ledger));
                }
            }
            Typed::Secret(_) => requests::secret(&mut self.sheet(block, ledger)),
            // Their rooms say why these cost nothing by themselves.
            Typed::ApiKey(_)
            | Typed::Stage(_)
            | Typed::UsagePlan(_)
            | Typed::Rule(_)
            | Typed::AccessKey(_)
            | Typed::Role(_)
            | Typed::User(_)
            | Typed::Mapping(_)
            | Typed::InvokeConfig(_)
            | Typed::Permission(_)
            | Typed::LogGroup(_)
            | Typed::GlueCrawler(_)
            | Typed::GlueJob(_)
            | Typed::Trigger(_)
            | Typed::SchemaRegistry(_)
            | Typed::RegistrySchema(_)
            | Typed::Workflow(_)
            | Typed::LogStream(_)
            | Typed::Database(_)
            | Typed::CatalogTable(_)
            | Typed::Object(_)
            | Typed::Notification(_)
            | Typed::Subscription(_)
            | Typed::NamedQuery(_)
            | Typed::PreparedStatement(_)
            | Typed::Workgroup(_)
            | Typed::Parameter(_) => {}
        }
    }

    fn sheet<'b>(&'b self, block: &'b str, ledger: &'b mut Ledger) -> Sheet<'b> {
        let lines = ledger.blocks.entry(block.to_owned()).or_default();
        let Ledger { assumptions, uncounted, missing_prices, unconfirmed, .. } = ledger;
        Sheet { tariff: self.tariff, block, lines, assumptions, uncounted, missing_prices, unconfirmed }
    }

    /// What flows through a block, where anybody has said.
    fn flow(&self, block: &str) -> Option<Flow> {
        self.expected.streams.get(block).copied().map(Flow::of)
    }

    /// What flows through a delivery stream: all of its source, or what producers put into it.
    fn flow_through(&self, stream: &DeliveryStream) -> Option<Flow> {
        if stream.source.is_none() {
            let (block, _) = self.inventory.named_delivery_streams().find(|(_, one)| one.name == stream.name)?;
            return self.flow(block);
        }
        let (block, _) = self.inventory.streams().find(|(_, source)| reads(stream, &source.name))?;
        self.flow(block)
    }
}

/// What the numbers of any environment take for granted.
fn assumptions(tariff: &Tariff<'_>) -> Vec<String> {
    let prices = if tariff.is_own() {
        "List prices before tax, and those of `[prices]`; without free tier. A month has 730 hours."
    } else {
        "List prices before tax, without free tier and discounts; a month has 730 hours."
    };
    vec![
        prices.to_owned(),
        "Roles, parameters, schedules, logs of delivery streams and the keys themselves are not counted; alarms fire seldom."
            .to_owned(),
    ]
}

#[derive(Debug)]
struct Ledger {
    blocks: BTreeMap<String, Vec<Line>>,
    assumptions: Vec<String>,
    unknown_traffic: BTreeSet<String>,
    uncounted: BTreeSet<String>,
    missing_prices: BTreeMap<String, BTreeSet<&'static str>>,
    unconfirmed: BTreeSet<&'static str>,
}

impl Ledger {
    /// What is expected of a block; where nobody has said, the block is named.
    fn know<T>(&mut self, block: &str, expected: Option<T>) -> Option<T> {
        if expected.is_none() {
            self.unknown_traffic.insert(block.to_owned());
        }
        expected
    }
}
