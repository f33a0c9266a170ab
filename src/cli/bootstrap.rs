//! `pipectl bootstrap`.

use std::fmt::Write;

use serde_json::json;

use super::failure::Outcome;
use super::printer::Printer;
use super::session::{FOLDER, Made, SpecArgs, Wanted, make_place};
use super::signals;
use super::waiting::waiting;
use crate::report::style::{Clean, GOOD, paint};

/// Make the bucket for the states, and the SSM parameters that say where it is
///
/// May be run again at any time: what is there already is left as it is. The bucket is versioned, encrypted, closed to
/// the public, and takes TLS only.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    spec: SpecArgs,
    /// The bucket; without it, <project>-pipectl-state-<account>
    #[arg(long)]
    bucket: Option<String>,
    /// The folder in it; each environment has its own below
    #[arg(long, default_value = FOLDER)]
    folder: String,
    /// The SSM parameter that is to hold the bucket's name
    #[arg(long, env = "S3_BUCKET_SSM", hide_env_values = true, value_name = "PARAMETER")]
    bucket_ssm: Option<String>,
    /// The SSM parameter that is to hold the folder
    #[arg(long, env = "S3_FOLDER_SSM", hide_env_values = true, value_name = "PARAMETER")]
    folder_ssm: Option<String>,
    /// For how many days an overwritten version of a state is kept
    #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..))]
    keep_days: u32,
}

pub(super) async fn run(args: &Args, printer: Printer) -> Outcome {
    let wanted = Wanted {
        bucket: args.bucket.clone(),
        folder: args.folder.clone(),
        parameters: args.bucket_ssm.clone().zip(args.folder_ssm.clone()),
        keep_days: args.keep_days,
    };
    signals::begin("what it has made stays, and running it again makes the rest");
    let made = waiting(printer, "making the place of the state", Box::pin(make_place(&args.spec, wanted))).await?;
    let json = || {
        let parameters = made.parameters.as_ref();
        json!({
            "done": made.done,
            "bucket": made.bucket,
            "folder": made.folder,
            "S3_BUCKET_SSM": parameters.map(|(bucket, _)| bucket),
            "S3_FOLDER_SSM": parameters.map(|(_, folder)| folder),
        })
    };
    printer.result(&text(&made), json)?;
    Ok(0)
}

fn text(made: &Made) -> String {
    let mut text = made.done.iter().map(|line| Clean(line).to_string() + "\n").collect::<String>();
    if let Some((bucket, folder)) = &made.parameters {
        let _ = writeln!(text, "\n{} these tell pipectl where the state is, here and in CI:", paint(GOOD, "done:"));
        let _ = writeln!(text, "  export S3_BUCKET_SSM={} S3_FOLDER_SSM={}", Clean(bucket), Clean(folder));
    }
    text
}
