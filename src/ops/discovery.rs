//! What there is to import from an account: a pipeline by its wiring, a stack by its name.

use anyhow::anyhow;

use super::fault::{Fault, Result};
use crate::import::cloudformation::stack;
use crate::import::wiring::Wiring;
use crate::import::wiring::walk::{Error, Start, walk};
use crate::import::{Found, LeftOut};
use crate::model::discovery::{Discovery, Note};
use crate::model::error::Class;
use crate::model::kind::{Kind, Registry};
use crate::model::scope::Scope;

/// How many names an error gives to choose from.
const MOST_NAMES: usize = 20;

/// What belongs to what is named, and what of it is not taken.
pub async fn wired(
    aws: &dyn Discovery,
    scope: &Scope,
    start: &Start,
    note: Note<'_>,
) -> Result<(Vec<Found>, Vec<LeftOut>)> {
    match walk(aws, scope, start, note).await {
        Ok(Wiring { found, left_out, .. }) => Ok((found, left_out)),
        Err(Error::Call(error)) => Err(error.into()),
        Err(Error::Missing { what, name, instead }) => {
            let help = if instead.is_empty() {
                "check the name, the region (`--region`) and the credentials".to_owned()
            } else {
                format!("there is {}; `--region` looks elsewhere", some(&instead))
            };
            Err(Fault::helped(anyhow!("there is no {what} `{name}` in account {scope}"), help))
        }
    }
}

/// What a stack has, and what of it is not taken.
pub async fn of_stack(
    aws: &dyn Discovery,
    registry: &Registry,
    scope: &Scope,
    name: &str,
    note: Note<'_>,
) -> Result<(Vec<Found>, Vec<LeftOut>)> {
    let kinds = |aws_type: &str| registry.iter().find(|kind| kind.aws_type() == aws_type).map(Kind::name);
    match stack(aws, scope, &kinds, name, note).await {
        Ok(Wiring { found, left_out, .. }) => Ok((found, left_out)),
        // CloudFormation's code for a stack that does not exist.
        Err(error) if error.class == Class::Invalid => {
            let help = "check the name, the region (`--region`) and the credentials";
            Err(Fault::helped(anyhow!(error), help))
        }
        Err(error) => Err(error.into()),
    }
}

/// The names of all streams of the region; at least one.
pub async fn every_stream(aws: &dyn Discovery, scope: &Scope) -> Result<Vec<String>> {
    let streams = aws.streams().await?;
    if streams.is_empty() {
        let help = "name what there is with `--bucket` or `--firehose`, or look elsewhere with `--region`";
        return Err(Fault::helped(anyhow!("there is no stream in account {scope}"), help));
    }
    Ok(streams)
}

/// Why nothing can be imported where nothing is named, with the names to choose from.
pub async fn unnamed(aws: &dyn Discovery, scope: &Scope) -> Fault {
    let error = anyhow!("what is to be imported? Nothing of it is named");
    let ways = "name a stream, bucket or delivery stream with `--stream`, `--bucket` or `--firehose`, or another tool's \
                resources with `--from-tfstate` or `--from-cloudformation`";
    match aws.streams().await {
        Ok(streams) if !streams.is_empty() => Fault::helped(
            error,
            format!("{ways}; account {scope} has the streams {}: `--all` imports them all", some(&streams)),
        ),
        // Whether there is one, and why it cannot be told, is not what was asked.
        _ => Fault::helped(error, ways),
    }
}

/// The first of many names.
fn some(names: &[String]) -> String {
    let more = names.len().saturating_sub(MOST_NAMES);
    let shown = names[..names.len() - more].join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}
