//! One file per block kind, and the list of them: a new kind is a file here and its two lines in this one, and a file for
//! what it becomes in the blueprint.

pub mod alarm;
pub mod api;
pub mod athena;
pub mod bucket;
pub mod catalog;
pub mod crawler;
pub mod dashboard;
pub mod dataset;
pub mod firehose;
pub mod function;
pub mod job;
pub mod key;
pub mod publish;
pub mod queue;
pub mod registry;
pub mod role;
pub mod schedule;
pub mod secret;
pub mod security_group;
pub mod snowpipe;
pub mod stream;
pub mod subnet;
pub mod table;
pub mod topic;
pub mod workflow;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Spec;
use super::check::{Block, Checks, Text};
use super::declarations::Declarations;
use super::diagnostic::Diagnostics;
use super::external::{External, Externals, Found};
use super::metrics::Metrics;
use super::names;
use super::uses::Uses;

/// The list of all block kinds, handed to a macro: `stream::Stream` is `[stream.<name>]` in a spec, `blocks.stream.own()["<name>"]` and
/// `Kind::Stream` in code. A dashboard draws them in this order.
macro_rules! every_block {
    ($($macro:tt)*) => {
        $($macro)* {
            stream::Stream, bucket::Bucket, firehose::Firehose, snowpipe::Snowpipe, function::Function, table::Table,
            catalog::Catalog, dataset::Dataset, job::Job, workflow::Workflow, crawler::Crawler, athena::Athena,
            registry::Registry,
            api::Api, queue::Queue, schedule::Schedule, secret::Secret, topic::Topic, alarm::Alarm,
            dashboard::Dashboard, publish::Publish, key::Key, role::Role, subnet::Subnet, security_group::SecurityGroup,
        }
    };
}
pub(crate) use every_block;

macro_rules! kinds {
    ($($kind:ident::$block:ident),* $(,)?) => {
        /// A kind of block.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Kind {
            $(#[expect(missing_docs, reason = "the type of the block says it")] $block),*
        }

        impl Kind {
            /// Every one, in the order of the list.
            pub const ALL: &'static [Self] = &[$(Self::$block),*];

            /// That of a name, if there is one.
            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.name() == name)
            }

            /// The word before the dot: `stream`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$block => <$kind::$block as Block>::KIND),* }
            }

            /// The name in AWS of such a block that is given none.
            pub(in crate::spec) fn unnamed(self, project: &str, env: &str, block: &str) -> String {
                match self { $(Self::$block => <$kind::$block as Block>::unnamed(project, env, block)),* }
            }

            /// The metrics that CloudWatch has of such a block.
            pub const fn metrics(self) -> Metrics {
                match self { $(Self::$block => <$kind::$block as Block>::METRICS),* }
            }

            /// Whether such a block can be somebody else's.
            pub const fn externals(self) -> Externals {
                match self { $(Self::$block => <$kind::$block as Block>::EXTERNAL),* }
            }

            /// For what a function may use such a block.
            pub const fn uses(self) -> Uses {
                match self { $(Self::$block => <$kind::$block as Block>::USES),* }
            }
        }

        /// Every block of a spec, by kind and name.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct Blocks {
            $(
                #[expect(missing_docs, reason = "the type of the block says it, to the schema as well")]
                #[serde(default)]
                pub $kind: Declarations<$kind::$block>,
            )*
        }

        impl Blocks {
            /// The kinds, in the order of the list.
            pub const KINDS: &'static [&'static str] = &[$(<$kind::$block as Block>::KIND),*];

            /// Those that can be read, each in the first form that can.
            pub(super) fn readable(forms: [&Value; 3]) -> Self {
                Self { $($kind: Declarations::readable(forms.map(|form| &form[<$kind::$block as Block>::KIND])),)* }
            }

            /// The name in AWS of the block of that kind and name, whosever it is.
            pub fn aws_name(&self, kind: Kind, name: &str, spec: &Spec) -> Option<String> {
                if let Some(external) = self.external(kind, name) {
                    return Some(external.name(kind.externals(), name));
                }
                match kind { $(Kind::$block => Some(self.$kind.own().get(name)?.aws_name(name, spec))),* }
            }

            /// The block of that kind and name, where it is somebody else's.
            pub fn external(&self, kind: Kind, name: &str) -> Option<&External> {
                match kind { $(Kind::$block => self.$kind.external().get(name)),* }
            }

            /// Everything that is somebody else's, with its name.
            pub fn externals(&self) -> impl Iterator<Item = (Kind, &str, &External)> {
                let all = [$((Kind::$block, self.$kind.external())),*].into_iter();
                all.flat_map(|(kind, blocks)| blocks.iter().map(move |(name, block)| (kind, name.as_str(), block)))
            }

            /// Notes what these were found to be, by address.
            pub(super) fn found(&mut self, found: &BTreeMap<String, Found>) {
                $(for (name, external) in self.$kind.external_mut() {
                    external.found = found.get(&format!("{}.{name}", <$kind::$block as Block>::KIND)).cloned();
                })*
            }

            /// Whether there is a block of that kind and name.
            pub(super) fn has(&self, kind: &str, name: &str) -> bool {
                $((kind == <$kind::$block as Block>::KIND && self.$kind.has(name)))||*
            }

            /// Takes blocks away.
            pub(super) fn remove(&mut self, kind: &str, name: &str) {
                $(if kind == <$kind::$block as Block>::KIND {
                    self.$kind.remove(name);
                })*
            }

            /// Lets every block check itself, and checks the names that they take in AWS.
            pub(super) fn check(&self, spec: &Spec, text: Text<'_>, diagnostics: &mut Diagnostics) {
                let mut names = Vec::new();
                for (kind, name, external) in self.externals() {
                    let address = format!("{}.{name}", kind.name());
                    external.check(kind.name(), kind.externals(), spec, &mut Checks::new(text, address.clone(), diagnostics));
                    names.extend(external.own_name(kind.externals(), name, spec).map(|name| (address, name)));
                }
                $(for (name, block) in self.$kind.own() {
                    let address = format!("{}.{name}", <$kind::$block>::KIND);
                    block.check(name, spec, &mut Checks::new(text, address.clone(), diagnostics));
                    names.extend(block.names(name, spec).into_iter().map(|name| (address.clone(), name)));
                })*
                names::check(&names, text, diagnostics);
            }
        }

        #[cfg(test)]
        #[test]
        fn every_kind_is_listed_under_its_own_name() {
            $(assert_eq!(stringify!($kind), <$kind::$block as Block>::KIND);)*
        }
    };
}

every_block!(kinds!);
