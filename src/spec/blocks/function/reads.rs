//! The sources of a function, all of them.

use super::Function;
use super::source::Source;
use crate::spec::Spec;
use crate::spec::check::Checks;
use crate::spec::uses::{Access, Use};

impl Function {
    /// Checks each of its sources, and that they fit together.
    pub(super) fn check_sources(&self, name: &str, spec: &Spec, checks: &mut Checks<'_>) {
        if let Some(source) = &self.source {
            source.check("source", name, spec, checks);
        }
        for (i, source) in self.sources.iter().enumerate() {
            let path = format!("sources.{i}");
            source.check(&path, name, spec, checks);
            let mut before = self.source.iter().chain(&self.sources[..i]);
            if before.any(|other| other.from.parts() == source.from.parts()) {
                checks
                    .error(&format!("{path}.from"), format!("`{}` is a source of this function already", source.from))
                    .help("AWS connects a function with a source once: say there what it gets");
            }
        }
        self.check_circle(checks);
    }

    /// What it writes into a table comes back to it by the table's stream. AWS stops circles by queues and topics, and none
    /// by a table.
    fn check_circle(&self, checks: &mut Checks<'_>) {
        let written = |source: &&Source| {
            let writes = |used: &&Use| used.access == Access::Write;
            self.uses.iter().filter(writes).any(|used| (used.kind.as_str(), used.name.as_str()) == source.from.parts())
        };
        let mut unfiltered = self.reads().filter(|source| source.reads_table() && source.filter.is_empty());
        if let Some(source) = unfiltered.find(written) {
            checks
                .warning("uses", format!("it would be called for what it writes itself into `{}`", source.from))
                .help("give the source a `filter` that what it writes does not match");
        }
    }
}
