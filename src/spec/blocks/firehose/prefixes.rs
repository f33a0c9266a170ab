//! Where a firehose writes, and whether what reads that finds it and can unpack it.

use super::{Compression, Firehose};
use crate::spec::blocks::snowpipe::Snowpipe;
use crate::spec::check::Checks;
use crate::spec::{Spec, prefix};

impl Firehose {
    pub(super) fn check_prefixes(&self, checks: &mut Checks<'_>) {
        let expressions = prefix::check("prefix", &self.prefix, checks);
        if expressions.iter().any(prefix::Expression::is_error_type) {
            checks.error("prefix", "`!{firehose:error-output-type}` belongs in `error_prefix`");
        }
        if expressions.is_empty() && !self.prefix.is_empty() && !self.prefix.ends_with('/') {
            checks
                .warning("prefix", "Firehose appends the date right behind this prefix")
                .help(format!("write `{}/` for a folder", self.prefix));
        }
        let Some(error_prefix) = &self.error_prefix else {
            if !expressions.is_empty() {
                checks
                    .error("prefix", "a `prefix` with expressions needs an `error_prefix`")
                    .help("write `error_prefix = \"errors/!{firehose:error-output-type}/\"`");
            }
            return;
        };
        let of_errors = prefix::check("error_prefix", error_prefix, checks);
        if !of_errors.is_empty() && !of_errors.iter().any(prefix::Expression::is_error_type) {
            checks
                .error("error_prefix", "an `error_prefix` with expressions must hold `!{firehose:error-output-type}`");
        }
        if of_errors.iter().any(|expression| expression.namespace.starts_with("partitionKey")) {
            checks.error("error_prefix", "partition keys cannot be used in `error_prefix`");
        }
    }

    pub(super) fn check_time_zone(&self, checks: &mut Checks<'_>) {
        if let Err(near) = prefix::zone::check(&self.time_zone) {
            let help = near.map_or_else(
                || "write its name in the IANA's database: `Europe/Berlin`".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            checks.error("time_zone", format!("there is no time zone `{}`", self.time_zone)).help(help);
        }
    }

    /// What Snowpipe cannot unpack, it does not load.
    pub(super) fn check_readers(&self, spec: &Spec, checks: &mut Checks<'_>) {
        let (word, instead) = match self.compression {
            Compression::None | Compression::Gzip => return,
            Compression::Zip => ("zip", "gzip"),
            Compression::Snappy => ("snappy", "gzip"),
            Compression::HadoopSnappy => ("hadoop-snappy", "gzip"),
        };
        let written = prefix::literal(&self.prefix);
        let loads = |pipe: &Snowpipe| {
            pipe.bucket == self.destination && (written.starts_with(&pipe.prefix) || pipe.prefix.starts_with(written))
        };
        for (name, _) in spec.blocks.snowpipe.own().iter().filter(|(_, pipe)| loads(pipe)) {
            checks
                .error(
                    "compression",
                    format!("`snowpipe.{name}` loads these objects, and Snowflake reads no `{word}` of JSON"),
                )
                .help(format!("write `compression = \"{instead}\"`"));
        }
    }
}
