//! One file per block kind, and the list of them: a new kind is a file here and its two lines in this one.

pub mod alarm;
pub mod api;
pub mod bucket;
pub mod dashboard;
pub mod firehose;
pub mod function;
pub mod queue;
pub mod schedule;
pub mod secret;
pub mod snowpipe;
pub mod stream;
pub mod table;
pub mod topic;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Spec;
use super::check::{Block, Checks, Declared};
use super::diagnostic::Diagnostics;
use super::names;
use super::tree::Node;

/// Makes [`Blocks`] of the list of kinds: `stream: stream::Stream` is `[stream.<name>]` in a spec,
/// and `blocks.stream["<name>"]` in code.
macro_rules! kinds {
    ($($kind:ident: $block:ty),* $(,)?) => {
        /// Every block of a spec, by kind and name.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct Blocks {
            $(
                #[allow(missing_docs)]
                #[serde(default)]
                pub $kind: BTreeMap<String, Declared<$block>>,
            )*
        }

        impl Blocks {
            /// The kinds, in the order of the list.
            pub const KINDS: &'static [&'static str] = &[$(<$block as Block>::KIND),*];

            /// Lets every block check itself, and checks the names that they take in AWS.
            pub(super) fn check(&self, spec: &Spec, tree: &Node, diagnostics: &mut Diagnostics) {
                let mut names = Vec::new();
                $(for (name, block) in &self.$kind {
                    let address = format!("{}.{name}", <$block>::KIND);
                    block.check(name, spec, &mut Checks::new(tree, address.clone(), diagnostics));
                    names.extend(block.names(name, spec).into_iter().map(|name| (address.clone(), name)));
                })*
                names::check(&names, tree, diagnostics);
            }
        }

        #[cfg(test)]
        #[test]
        fn every_kind_is_listed_under_its_own_name() {
            $(assert_eq!(stringify!($kind), <$block as Block>::KIND);)*
        }
    };
}

kinds! {
    stream: stream::Stream,
    bucket: bucket::Bucket,
    firehose: firehose::Firehose,
    snowpipe: snowpipe::Snowpipe,
    table: table::Table,
    function: function::Function,
    api: api::Api,
    queue: queue::Queue,
    schedule: schedule::Schedule,
    secret: secret::Secret,
    topic: topic::Topic,
    alarm: alarm::Alarm,
    dashboard: dashboard::Dashboard,
}
