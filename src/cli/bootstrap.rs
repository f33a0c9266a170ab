//! `pipectl bootstrap`.

use std::sync::Arc;

use serde_json::{Value, json};

use super::failure::{Failure, Outcome};
use super::printer::Printer;
use super::session::{self, SpecArgs};
use crate::aws::Aws;
use crate::aws::bootstrap::{Wish, bootstrap};
use crate::aws::location::{Location, Parameters};
use crate::report::style::{Clean, GOOD, paint};
use crate::spec::StateLocation;

/// Make the bucket that states are kept in, and the two SSM parameters that say where it is
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
    #[arg(long, default_value = "pipectl")]
    folder: String,
    /// The SSM parameter that is to hold the bucket's name
    #[arg(long, env = "S3_BUCKET_SSM", value_name = "PARAMETER")]
    bucket_ssm: Option<String>,
    /// The SSM parameter that is to hold the folder
    #[arg(long, env = "S3_FOLDER_SSM", value_name = "PARAMETER")]
    folder_ssm: Option<String>,
    /// For how many days an overwritten version of a state is kept
    #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..))]
    keep_days: u32,
}

pub(super) async fn run(args: &Args, printer: Printer) -> Outcome {
    let loaded = session::load(&args.spec, None)?;
    let aws = Arc::new(Aws::new(Some(loaded.spec.env.region.clone())));
    let scope = aws.scope().await?.clone();
    session::check_account(&loaded, &scope)?;
    let project = &loaded.spec.project.name;
    let wish = match loaded.spec.state.as_ref().and_then(crate::spec::State::location) {
        Some(StateLocation::Local(folder)) => {
            return Err(Failure::new(format!(
                "`[state]` keeps the state in the folder {}: there is nothing to make",
                Clean(folder)
            )));
        }
        Some(StateLocation::Bucket { bucket, folder }) => Wish {
            location: Location::new(bucket, folder).map_err(anyhow::Error::from)?,
            parameters: None,
            keep_days: args.keep_days,
        },
        other => {
            let named = match other {
                Some(StateLocation::Parameters { bucket, folder }) => Some((bucket.to_owned(), folder.to_owned())),
                _ => args.bucket_ssm.clone().zip(args.folder_ssm.clone()),
            };
            let (bucket, folder) = named.unwrap_or_else(|| {
                (format!("/{project}/pipectl/state-bucket"), format!("/{project}/pipectl/state-folder"))
            });
            let name = args.bucket.clone().unwrap_or_else(|| format!("{project}-pipectl-state-{}", scope.account));
            Wish {
                location: Location::new(&name, &args.folder).map_err(anyhow::Error::from)?,
                parameters: Some(Parameters { bucket, folder }),
                keep_days: args.keep_days,
            }
        }
    };
    let done = bootstrap(&aws, &wish).await.map_err(anyhow::Error::from)?;
    let mut text: String = done.iter().map(|one| format!("{}\n", Clean(&one.to_string()))).collect();
    if let Some(Parameters { bucket, folder }) = &wish.parameters {
        text += &format!("\n{} these tell pipectl where the state is, here and in CI:\n", paint(GOOD, "done:"));
        text += &format!("  export S3_BUCKET_SSM={} S3_FOLDER_SSM={}\n", Clean(bucket), Clean(folder));
    }
    let json = || {
        let parameters = wish.parameters.as_ref();
        json!({
            "done": done.iter().map(ToString::to_string).map(Value::from).collect::<Vec<_>>(),
            "bucket": wish.location.bucket,
            "folder": wish.location.folder,
            "S3_BUCKET_SSM": parameters.map(|parameters| &parameters.bucket),
            "S3_FOLDER_SSM": parameters.map(|parameters| &parameters.folder),
        })
    };
    printer.result(&text, json).map_err(Failure::unprintable)?;
    Ok(0)
}
