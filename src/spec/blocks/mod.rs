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
use serde_json::Value;

use super::Spec;
use super::check::{Block, Checks, Declared, Text};
use super::diagnostic::Diagnostics;
use super::names;

/// Makes [`Blocks`] of the list of kinds: `stream: stream::Stream` is `[stream.<name>]` in a spec,
/// and `blocks.stream["<name>"]` in code.
macro_rules! kinds {
    ($($kind:ident: $block:ty),* $(,)?) => {
        /// Every block of a spec, by kind and name.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct Blocks {
            $(
                #[expect(missing_docs, reason = "the type of the block says it, to the schema as well")]
                #[serde(default)]
                pub $kind: BTreeMap<String, Declared<$block>>,
            )*
        }

        impl Blocks {
            /// The kinds, in the order of the list.
            pub const KINDS: &'static [&'static str] = &[$(<$block as Block>::KIND),*];

            /// Those that can be read, each in the first form that can.
            pub(super) fn readable(forms: [&Value; 3]) -> Self {
                Self { $($kind: readable(forms.map(|form| &form[<$block as Block>::KIND])),)* }
            }

            /// Whether there is a block of that kind and name.
            pub(super) fn has(&self, kind: &str, name: &str) -> bool {
                $((kind == <$block as Block>::KIND && self.$kind.contains_key(name)))||*
            }

            /// Takes blocks away.
            pub(super) fn remove(&mut self, kind: &str, name: &str) {
                $(if kind == <$block as Block>::KIND {
                    self.$kind.remove(name);
                })*
            }

            /// Lets every block check itself, and checks the names that they take in AWS.
            pub(super) fn check(&self, spec: &Spec, text: Text<'_>, diagnostics: &mut Diagnostics) {
                let mut names = Vec::new();
                $(for (name, block) in &self.$kind {
                    let address = format!("{}.{name}", <$block>::KIND);
                    block.check(name, spec, &mut Checks::new(text, address.clone(), diagnostics));
                    names.extend(block.names(name, spec).into_iter().map(|name| (address.clone(), name)));
                })*
                names::check(&names, text, diagnostics);
            }
        }

        #[cfg(test)]
        #[test]
        fn every_kind_is_listed_under_its_own_name() {
            $(assert_eq!(stringify!($kind), <$block as Block>::KIND);)*
        }
    };
}

fn readable<B: Block>(forms: [&Value; 3]) -> BTreeMap<String, Declared<B>> {
    let names = forms[0].as_object().into_iter().flatten().map(|(name, _)| name);
    let read = |name: &String| forms.into_iter().find_map(|form| Declared::deserialize(form[name].clone()).ok());
    names.filter_map(|name| Some((name.clone(), read(name)?))).collect()
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
