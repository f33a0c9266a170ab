//! `pipectl snowflake-sql`.

use serde_json::{Map, Value};

use super::failure::{Failure, Outcome};
use super::printer::Printer;
use super::session::{self, SpecArgs};
use crate::blueprint::sql;
use crate::spec::Loaded;
use crate::spec::blocks::snowpipe::Access;

/// Print the statements that set up Snowflake's side of a pipeline
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    spec: SpecArgs,
    /// The snowpipe block; without it, all of them
    block: Option<String>,
}

pub(super) async fn run(args: &Args, printer: Printer) -> Outcome {
    let names_account = |loaded: &Loaded| {
        loaded.account_missing || loaded.spec.blocks.snowpipe.own().values().any(|block| block.access == Access::Role)
    };
    let (loaded, scope) = session::scoped(&args.spec, names_account).await?;
    let loaded = session::with_names(&args.spec, loaded, &scope).await?;
    let spec = &loaded.spec;
    let wanted = args.block.as_deref().map(|block| block.strip_prefix("snowpipe.").unwrap_or(block));
    let chosen =
        spec.blocks.snowpipe.own().iter().filter(|(name, _)| wanted.is_none_or(|wanted| wanted == name.as_str()));
    let statements: Vec<(&String, String)> =
        chosen.map(|(name, block)| (name, sql(spec, &scope, name, block))).collect();
    if statements.is_empty() {
        let names: Vec<&str> = spec.blocks.snowpipe.own().keys().map(String::as_str).collect();
        let others = if names.is_empty() { "none at all".to_owned() } else { names.join(", ") };
        return Err(Failure::new(format!("{} has no such snowpipe block; it has {others}", spec.env.name)));
    }
    let text: Vec<&str> = statements.iter().map(|(_, sql)| sql.as_str()).collect();
    let json = || {
        let pairs = statements.iter().map(|(name, sql)| ((*name).clone(), Value::from(sql.as_str())));
        Value::Object(pairs.collect::<Map<_, _>>())
    };
    // Plain text for Snowflake, not for a terminal: nothing is escaped, and nothing needs to be, for the spec's checks
    // let no control character into a name.
    printer.result(&text.join("\n"), json)?;
    Ok(0)
}
