//! What a command needs of the code of functions, and the resources that a spec then comes to.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::blueprint;
use crate::cli::failure::Failure;
use crate::cli::printer::Printer;
use crate::cli::signals::Signals;
use crate::files::entry::{self, Fault};
use crate::files::package::inside;
use crate::model::address::Address;
use crate::model::graph::Graph;
use crate::model::kind::Registry;
use crate::model::scope::Scope;
use crate::ops;
use crate::ops::build::{self, Failed, Faults, Made, Run, built, named};
use crate::ops::ignoring::{Unignorable, note_left_alone};
use crate::ops::site::{canonical, with_files};
use crate::ops::stop::Never;
use crate::spec::diagnostic::{Diagnostics, Report};
use crate::spec::{Loaded, Refusal, Spec, UNKNOWN_ACCOUNT};

/// What a command needs of the code of functions. Only [`Code::Build`] runs anything of the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Code {
    /// All of it: what has not been built is built.
    Build,
    /// All of it, as it was built before; what is missing is refused.
    Built,
    /// Whether the folders of the project are what they should be; what a `build` makes of one stays unknown.
    Source,
    /// None: no folder is looked at, and the digest of no code is known.
    None,
}

impl Code {
    /// `--no-build` or not.
    pub(in crate::cli) fn unless(no_build: bool) -> Self {
        if no_build { Self::Built } else { Self::Build }
    }

    /// The spec with folders that are code, as far as they are needed.
    fn of(self, spec: &Spec) -> Result<Cow<'_, Spec>, Faults> {
        match self {
            Self::Build | Self::Built => built(spec),
            Self::Source => named(spec),
            Self::None => Ok(Cow::Borrowed(spec)),
        }
    }
}

/// Runs the `build` of each function whose code has not been built yet. A signal ends it, and all that it has started.
pub(in crate::cli) async fn build(loaded: &Loaded, printer: Printer) -> Result<Vec<Made>, Failure> {
    let said = || std::io::stderr().into();
    let tell = &|line: &str| printer.say(line);
    let built = if build::pending(&loaded.spec) {
        let signals = Signals::watch();
        build::build(&loaded.spec, Run { said, tell, stop: &signals }).await
    } else {
        build::build(&loaded.spec, Run { said, tell, stop: &Never }).await
    };
    built.map_err(|failed| match failed {
        Failed::Interrupted(signal) => ops::Fault::Interrupted { signal, partial: None }.into(),
        Failed::Faults(faults) => {
            let mut diagnostics = Diagnostics::default();
            blame(loaded, faults, &mut diagnostics);
            loaded.report(diagnostics).into()
        }
    })
}

/// A `build` that has come to nothing is a mistake in the spec.
fn blame(loaded: &Loaded, faults: Faults, diagnostics: &mut Diagnostics) {
    for (address, message) in faults {
        diagnostics.error(loaded.place(&format!("{address}.build")), message);
    }
}

/// The resources of a spec in canonical form. What AWS would find too large, or the code that is not there, is a mistake in
/// the spec, with its place.
pub(super) fn graph(loaded: &Loaded, scope: &Scope, registry: &Registry, code: Code) -> Result<Graph, Failure> {
    let mut diagnostics = Diagnostics::default();
    let mut unread = BTreeSet::new();
    let spec = code.of(&loaded.spec).unwrap_or_else(|faults| {
        unread.extend(faults.iter().map(|(address, _)| address.clone()));
        blame(loaded, faults, &mut diagnostics);
        Cow::Borrowed(&loaded.spec)
    });
    if code == Code::Source {
        unread.extend(made(&loaded.spec));
    }
    if code != Code::None {
        for (address, Fault { message, help, .. }) in idle(&spec, &unread) {
            diagnostics.error(loaded.place(&format!("{address}.handler")), message).help(help);
        }
    }
    let graph = blueprint::build(&spec, scope);
    let too_large = blueprint::over_limits(&graph);
    let canonical = match code {
        Code::None => canonical(registry, graph),
        Code::Build | Code::Built | Code::Source => with_files(registry, graph, &unread),
    };
    let (mut graph, unfit) = match canonical {
        Ok(graph) => (Some(graph), Vec::new()),
        Err(unfit) => (None, unfit),
    };
    if let Some(Err(faults)) = graph.as_mut().map(|graph| note_left_alone(registry, &spec, graph)) {
        for Unignorable { path, message, help } in faults {
            diagnostics.error(loaded.place(&path), message).help(help);
        }
    }
    for (address, message) in too_large.into_iter().chain(unfit) {
        diagnostics.error(loaded.place(address.block_name()), message);
    }
    graph.filter(|_| !diagnostics.has_errors()).ok_or_else(|| loaded.report(diagnostics).into())
}

/// What is wrong with a spec, with what shows only once the sound part of it is put together.
pub(super) fn complete(refusal: Refusal, registry: &Registry) -> Report {
    let Refusal { report, sound } = refusal;
    let Some(sound) = sound else { return report };
    let env = &sound.spec.env;
    let scope = Scope::new(env.account().unwrap_or(UNKNOWN_ACCOUNT), &env.region);
    let mut graph = blueprint::build(&sound.spec, &scope);
    let ignored = note_left_alone(registry, &sound.spec, &mut graph).err().unwrap_or_default();
    let unread = made(&sound.spec).collect();
    let mut later = Diagnostics::default();
    for (address, Fault { message, help, .. }) in idle(&sound.spec, &unread) {
        later.error(sound.place(&format!("{address}.handler")), message).help(help);
    }
    let too_large = blueprint::over_limits(&graph);
    let unfit = with_files(registry, graph, &unread).err().unwrap_or_default();
    for (address, message) in too_large.into_iter().chain(unfit) {
        later.error(sound.place(address.block_name()), message);
    }
    for Unignorable { path, message, help } in ignored {
        later.error(sound.place(&path), message).help(help);
    }
    report.with(later)
}

/// The functions whose code is read and would not start, and why.
fn idle(spec: &Spec, unread: &BTreeSet<Address>) -> Vec<(Address, Fault)> {
    let functions =
        spec.blocks.function.own().iter().map(|(name, function)| (Address::block("function", name), function));
    let idle = functions.filter(|(address, _)| !unread.contains(address)).filter_map(|(address, function)| {
        let folder = inside(function.files()?).ok().filter(|folder| folder.is_dir())?;
        let fault = entry::fault(&folder, function.runtime(), function.handler()).filter(|fault| fault.certain)?;
        Some((address, fault))
    });
    idle.collect()
}

/// The functions whose code a command makes.
fn made(spec: &Spec) -> impl Iterator<Item = Address> {
    let made = spec.blocks.function.own().iter().filter(|(_, function)| !function.build.is_empty());
    made.map(|(name, _)| Address::block("function", name))
}
