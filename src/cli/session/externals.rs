//! What a command has to know of the blocks that are somebody else's.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::place::{self, StatePlace};
use super::{Code, Session, SpecArgs, load_found};
use crate::aws::Aws;
use crate::aws::externals::AwsExternals;
use crate::blueprint::misfits;
use crate::cli::failure::Failure;
use crate::cli::printer::Printer;
use crate::cli::waiting::waiting;
use crate::model::acting::Acting;
use crate::model::scope::Scope;
use crate::ops::externals::Looked;
use crate::ops::externals::producers::{Producers, read as read_producers};
use crate::ops::fault::{Fault, Staleness};
use crate::ops::{self, externals};
use crate::spec::Loaded;
use crate::spec::diagnostic::Diagnostics;
use crate::spec::external::{Found, Producer};
use crate::state::store::StateStore;

/// What is known of the blocks that are somebody else's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Externals {
    /// What AWS says: whoever plans has to know.
    LookedAt,
    /// What the spec says: whoever destroys, or looks at what is the environment's own, needs no more, and is not kept from
    /// it by what another owner has deleted.
    AsWritten,
}

impl Externals {
    /// What a command has to know that needs so much of the code of functions.
    pub(super) fn needed_for(code: Code) -> Self {
        if code == Code::None { Self::AsWritten } else { Self::LookedAt }
    }

    /// Reads what can be read while nobody knows yet who is asking.
    pub(super) async fn read(
        self,
        loaded: &Loaded,
        lookups: &AwsExternals,
    ) -> ops::fault::Result<Option<externals::Read>> {
        match self {
            Self::LookedAt => externals::read(&loaded.spec, lookups).await.map(Some),
            Self::AsWritten => Ok(None),
        }
    }
}

/// The states of the environments that a spec refers to, from where this environment's own is kept.
pub(super) async fn producers(loaded: &Loaded, place: &StatePlace, aws: &Arc<Aws>) -> Producers {
    let own = &loaded.spec.project.name;
    let store = |producer: &Producer| {
        let place = place.of_producer(own, producer)?;
        Some(StateStore::new(place.blobs(aws, &producer.env), &producer.project, &producer.env))
    };
    read_producers(&loaded.spec, store).await
}

/// What was read, with the states of the environments that the spec refers to; nobody is asked where it refers to none.
async fn with_producers(read: externals::Read, loaded: &Loaded, aws: &Arc<Aws>) -> Result<externals::Read, Failure> {
    if loaded.spec.blocks.externals().all(|(_, _, external)| external.external.output().is_none()) {
        return Ok(read);
    }
    let place = place::find(loaded.spec.state.as_ref(), &loaded.spec.env.name, aws).await?;
    Ok(read.with(producers(loaded, &place, aws).await))
}

impl Session {
    /// What is external, as AWS says it now: for whoever tells of it, and uses none of it.
    pub(in crate::cli) async fn outside(&self) -> Result<Looked, Failure> {
        let (loaded, lookups) = (&self.loaded, AwsExternals::new(&self.aws));
        let read = externals::read(&loaded.spec, &lookups).await?;
        let read = with_producers(read, loaded, &self.aws).await?;
        Ok(externals::look(&loaded.spec, read, &self.site.scope, &lookups).await?)
    }
}

/// The spec with what is named elsewhere by its name, which AWS is asked for; nobody is asked where nothing is.
pub(in crate::cli) async fn with_names(args: &SpecArgs, loaded: Loaded, scope: &Scope) -> Result<Loaded, Failure> {
    if !loaded.spec.blocks.externals().any(|(_, _, external)| external.is_named_elsewhere()) {
        return Ok(loaded);
    }
    // By whoever asks: what a role of the spec's lacks is what is printed here.
    let aws = Arc::new(Aws::acting(&loaded.spec.env.region, Acting { role_arn: None, ..loaded.spec.env.acting() }));
    let lookups = AwsExternals::new(&aws);
    let read = externals::read_names(&loaded.spec, &lookups).await?;
    let read = with_producers(read, &loaded, &aws).await?;
    let found = externals::named_alone(&loaded.spec, &read, scope).map_err(|problem| {
        let mut diagnostics = Diagnostics::default();
        diagnostics.error(loaded.place(&problem.path), problem.message).help(problem.help);
        loaded.report(diagnostics)
    })?;
    load_found(args, Some(&scope.account), found)
}

/// Looks at what is somebody else's; refuses what cannot be used, and tells what could not be looked at.
pub(super) async fn look(
    loaded: &Loaded,
    read: externals::Read,
    (scope, planned): (&Scope, Option<&Scope>),
    lookups: &AwsExternals,
    printer: Printer,
) -> Result<BTreeMap<String, Found>, Failure> {
    let looking = externals::look(&loaded.spec, read, scope, lookups);
    let looked = waiting(printer, "looking at what is external", looking).await?;
    let mut diagnostics = Diagnostics::default();
    for problem in looked.problems {
        diagnostics.error(loaded.place(&problem.path), problem.message).help(problem.help);
    }
    if diagnostics.has_errors() {
        let report = loaded.report(diagnostics);
        if planned.is_none() {
            return Err(report.into());
        }
        crate::cli::diagnostics::print(&report, printer);
        return Err(Fault::Stale(Staleness::Externals).into());
    }
    for doubt in looked.doubts {
        diagnostics.warning(loaded.place(&doubt.path), doubt.message).help(doubt.help);
    }
    crate::cli::diagnostics::print(&loaded.report(diagnostics), printer);
    Ok(looked.found)
}

/// Refuses what AWS does not let cross the border between two accounts.
pub(super) fn no_misfits(loaded: &Loaded, scope: &Scope) -> Result<(), Failure> {
    let mut diagnostics = Diagnostics::default();
    for misfit in misfits(&loaded.spec, scope) {
        diagnostics.error(loaded.place(&misfit.path), misfit.message).help(misfit.help);
    }
    if diagnostics.has_errors() { Err(loaded.report(diagnostics).into()) } else { Ok(()) }
}
