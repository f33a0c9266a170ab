//! What an estimate is made with: what is expected of blocks, and what is paid otherwise than AWS's list says.

use std::collections::BTreeMap;

use crate::spec::expect::{Calls, Items, Messages, Requests};
use crate::spec::prices::Prices;
use crate::spec::{Block, Declared, Spec, Traffic};

/// What is expected of blocks, each by its address (`stream.clicks`), and the project's own prices.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expected {
    /// What streams carry, and delivery streams that read none.
    pub streams: BTreeMap<String, Traffic>,
    /// How functions are called.
    pub functions: BTreeMap<String, Calls>,
    /// How tables are used.
    pub tables: BTreeMap<String, Items>,
    /// What APIs are asked.
    pub apis: BTreeMap<String, Requests>,
    /// What goes through queues.
    pub queues: BTreeMap<String, Messages>,
    /// What topics are told.
    pub topics: BTreeMap<String, Messages>,
    /// `[prices]`.
    pub prices: Prices,
}

/// What a spec expects.
pub fn expected(spec: &Spec) -> Expected {
    let blocks = &spec.blocks;
    Expected {
        streams: said(blocks.stream.own(), |block| block.expect)
            .into_iter()
            .chain(said(blocks.firehose.own(), |block| block.expect))
            .collect(),
        functions: said(blocks.function.own(), |block| block.expect),
        tables: said(blocks.table.own(), |block| block.expect),
        apis: said(blocks.api.own(), |block| block.expect),
        queues: said(blocks.queue.own(), |block| block.expect),
        topics: said(blocks.topic.own(), |block| block.expect),
        prices: spec.prices.clone(),
    }
}

/// What the blocks of a kind say, by address.
fn said<B: Block, T>(blocks: &BTreeMap<String, Declared<B>>, of: fn(&B) -> Option<T>) -> BTreeMap<String, T> {
    let said = |(name, block): (&String, &Declared<B>)| Some((format!("{}.{name}", B::KIND), of(&block.block)?));
    blocks.iter().filter_map(said).collect()
}
