//! Where an import looks for what exists: the live wiring, a state of Terraform's, a stack of CloudFormation's.

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};

use crate::cli::failure::Failure;
use crate::cli::files::given;
use crate::cli::printer::Printer;
use crate::cli::session::Origin;
use crate::cli::ticker::Ticker;
use crate::files::bounded::{self, MAX_DOCUMENT};
use crate::import::wiring::walk::Start;
use crate::import::{Found, LeftOut, terraform};
use crate::model::discovery::Note;
use crate::ops::Fault;
use crate::ops::discovery::{every_stream, of_stack, unnamed, wired};
use crate::report::style::Clean;

/// Where to look for what exists.
#[derive(Debug, clap::Args)]
#[group(multiple = true)]
pub(super) struct Sources {
    /// A live pipeline, by the name of its stream in AWS; may be given several times
    #[arg(long, value_name = "NAME")]
    stream: Vec<String>,
    /// A live pipeline, by the name of its bucket
    #[arg(long, value_name = "NAME")]
    bucket: Vec<String>,
    /// A live pipeline, by the name of its delivery stream
    #[arg(long, value_name = "NAME")]
    firehose: Vec<String>,
    /// The live pipelines of all streams of the region
    #[arg(long, conflicts_with = "stream")]
    all: bool,
    /// All that a Terraform state names: a state file, or what `terraform show -json` prints; `-` is standard input
    #[arg(long, value_name = "FILE")]
    from_tfstate: Option<PathBuf>,
    /// All that a CloudFormation stack has, and the stacks in it
    #[arg(long, value_name = "STACK")]
    from_cloudformation: Option<String>,
}

impl Sources {
    /// The stack of CloudFormation's that was asked for.
    pub(super) fn stack(&self) -> Option<&str> {
        self.from_cloudformation.as_deref()
    }

    /// What there is, and what is not taken.
    pub(super) async fn find(&self, origin: &Origin, printer: Printer) -> Result<(Vec<Found>, Vec<LeftOut>), Failure> {
        let start = self.start(origin).await?;
        let ticker = Ticker::new(printer);
        let found = self.look(origin, &start, &|text| ticker.show(&Clean(&text).to_string())).await;
        ticker.finish();
        found
    }

    async fn look(
        &self,
        origin: &Origin,
        start: &Start,
        note: Note<'_>,
    ) -> Result<(Vec<Found>, Vec<LeftOut>), Failure> {
        let Origin { registry, discovery, scope } = origin;
        let (mut found, mut left_out) = (Vec::new(), Vec::new());
        let mut add = |(more, rest): (Vec<Found>, Vec<LeftOut>)| {
            found.extend(more);
            left_out.extend(rest);
        };
        if *start != Start::default() {
            add(wired(&**discovery, scope, start, note).await?);
        }
        if let Some(stack) = self.stack() {
            add(of_stack(&**discovery, registry, scope, stack, note).await?);
        }
        if let Some(file) = &self.from_tfstate {
            add(of_terraform(file, origin)?);
        }
        Ok((found, left_out))
    }

    /// What is named of live pipelines.
    async fn start(&self, origin: &Origin) -> Result<Start, Failure> {
        let (buckets, firehoses) = (self.bucket.clone(), self.firehose.clone());
        let mut start = Start { streams: self.stream.clone(), buckets, firehoses };
        if self.all {
            start.streams = every_stream(&*origin.discovery, &origin.scope).await?;
        }
        if start == Start::default() && self.stack().is_none() && self.from_tfstate.is_none() {
            return Err(unnamed(&*origin.discovery, &origin.scope).await.into());
        }
        Ok(start)
    }
}

fn of_terraform(file: &Path, origin: &Origin) -> Result<(Vec<Found>, Vec<LeftOut>), Failure> {
    let name = Clean(&file.display().to_string()).to_string();
    let read = if file.as_os_str() == "-" {
        bounded::text(std::io::stdin().lock(), MAX_DOCUMENT)
    } else {
        given(file)?.open().and_then(|file| bounded::text(file, MAX_DOCUMENT))
    };
    let text = read.with_context(|| format!("`{name}` cannot be read"))?;
    terraform::read(&text, &origin.scope).map_err(|error| {
        let help = error.help();
        Fault::helped(anyhow!("`{name}` is no state: {error}"), help).into()
    })
}
