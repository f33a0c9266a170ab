//! What an environment costs a month: worked out offline from the attributes of its resources, the expected traffic and
//! a dated price table.
//!
//! Pure. The attributes may be those that a spec wants or those that AWS has now, so what a plan changes is the
//! difference of two estimates. One file per service.

mod change;
mod cloudwatch;
mod firehose;
mod flow;
mod inventory;
mod kinesis;
mod prices;
mod s3;
mod sheet;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::graph::Graph;
use crate::spec::{Spec, Traffic};
use flow::Flow;
use inventory::{DeliveryStream, Inventory, Resource, reads, writes};
use prices::Region;
use sheet::{Sheet, rounded};

pub use change::change;
pub use prices::{NoPrices, Prices};
pub use sheet::Line;

/// The expected traffic of streams, by their blocks: `stream.clicks`.
pub type Expected = BTreeMap<String, Traffic>;

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
    /// The streams whose traffic nobody has said: what depends on it is not in the numbers.
    pub unknown_traffic: Vec<String>,
    /// The blocks that AWS bills and that have no prices here: they are not in the numbers.
    pub uncounted: Vec<String>,
}

impl Estimate {
    /// Whether the total leaves nothing out that is known to cost something: else it is the least.
    pub fn is_whole(&self) -> bool {
        self.uncounted.is_empty() && self.unknown_traffic.is_empty()
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

/// The traffic that a spec expects.
pub fn expected(spec: &Spec) -> Expected {
    let streams = spec.blocks.stream.iter();
    streams.filter_map(|(name, stream)| Some((format!("stream.{name}"), stream.expect?))).collect()
}

/// What the resources of a graph cost at the prices of a region.
///
/// # Errors
/// When there are no prices of that region.
pub fn estimate(graph: &Graph, traffic: &Expected, region: &str) -> Result<Estimate, NoPrices> {
    let prices = Prices::table().of(region)?;
    let resources = graph.resources.values().map(|resource| Resource {
        address: &resource.address,
        kind: &resource.kind,
        attributes: &resource.attributes,
    });
    Ok(Books { inventory: Inventory::of(resources), traffic, prices }.estimate(region))
}

/// Everything that an estimate is made of.
struct Books<'a> {
    inventory: Inventory,
    traffic: &'a Expected,
    prices: &'a Region,
}

impl Books<'_> {
    fn estimate(&self, region: &str) -> Estimate {
        let mut ledger = Ledger { blocks: BTreeMap::new(), assumptions: assumptions(self.prices) };
        self.write(&mut ledger);
        let sum = |lines: &[Line]| rounded(lines.iter().map(|line| line.amount).sum(), 4);
        let blocks = ledger.blocks.into_iter().filter(|(_, lines)| !lines.is_empty());
        let blocks: Vec<Block> = blocks.map(|(block, lines)| Block { amount: sum(&lines), block, lines }).collect();
        let streams = self.inventory.streams.iter().map(|(block, _)| block);
        Estimate {
            region: region.to_owned(),
            prices: Prices::table().date.clone(),
            total: rounded(blocks.iter().map(|block| block.amount).sum(), 2),
            blocks,
            assumptions: ledger.assumptions,
            unknown_traffic: streams.filter(|block| !self.traffic.contains_key(*block)).cloned().collect(),
            uncounted: self.inventory.uncounted.iter().cloned().collect(),
        }
    }

    fn write(&self, ledger: &mut Ledger) {
        let Self { inventory: all, prices, .. } = self;
        for (block, stream) in &all.streams {
            kinesis::stream(stream, all.readers(stream), self.flow(block), prices, &mut ledger.sheet(block));
        }
        for (block, stream) in &all.delivery_streams {
            if let Some(flow) = self.flow_through(stream) {
                firehose::delivery_stream(stream, flow, prices, &mut ledger.sheet(block));
            }
        }
        for (block, bucket) in &all.buckets {
            let writers = all.delivery_streams.iter().map(|(_, stream)| stream);
            let writers = writers.filter(|stream| writes(stream, &bucket.name));
            let writers: Vec<_> = writers.filter_map(|stream| Some((stream, self.flow_through(stream)?))).collect();
            s3::bucket(bucket, &writers, prices, &mut ledger.sheet(block));
        }
        for (block, alarm) in &all.alarms {
            cloudwatch::alarm(alarm, &prices.cloudwatch, &mut ledger.sheet(block));
        }
        for block in &all.dashboards {
            cloudwatch::dashboard(&prices.cloudwatch, &mut ledger.sheet(block));
        }
    }

    /// What flows through the stream of a block, where anybody has said.
    fn flow(&self, block: &str) -> Option<Flow> {
        self.traffic.get(block).copied().map(Flow::of)
    }

    /// What flows through a delivery stream: all of its source.
    fn flow_through(&self, stream: &DeliveryStream) -> Option<Flow> {
        let (block, _) = self.inventory.streams.iter().find(|(_, source)| reads(stream, &source.name))?;
        self.flow(block)
    }
}

/// What the numbers of any environment take for granted.
fn assumptions(prices: &Region) -> Vec<String> {
    let mut all = vec![
        "List prices before tax, without free tier and discounts; a month has 730 hours.".to_owned(),
        "Roles, log groups, parameters, topics and the keys themselves are not counted; alarms fire seldom.".to_owned(),
    ];
    for service in prices.unconfirmed() {
        let page = Prices::table().sources.get(service).map_or("", String::as_str);
        all.push(format!("The prices of {service} in this region are not confirmed; AWS's are at {page}"));
    }
    all
}

#[derive(Debug)]
struct Ledger {
    blocks: BTreeMap<String, Vec<Line>>,
    assumptions: Vec<String>,
}

impl Ledger {
    fn sheet(&mut self, block: &str) -> Sheet<'_> {
        let lines = self.blocks.entry(block.to_owned()).or_default();
        Sheet { lines, assumptions: &mut self.assumptions }
    }
}
