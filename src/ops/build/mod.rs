//! Builds the code of functions: a command runs in a copy of a function's folder, once for the same files and the same
//! command. What it made stays in [`BUILT`], which can be deleted at any time.

mod environment;
mod family;
mod run;
mod tracked;

use std::borrow::Cow;
use std::process::Stdio;
use std::rc::Rc;

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use self::run::{NotRun, prepare, run};
use self::tracked::Tracked;
use super::stop::Stop;
use crate::files::built::{BUILT, verify};
use crate::files::package::{NoPackage, Package, pack};
use crate::files::project::{NoPath, Project};
use crate::model::address::Address;
use crate::spec::Spec;
use crate::spec::blocks::function::{Code, Function};

/// Why there is no code.
#[derive(Debug, thiserror::Error)]
enum NotBuilt {
    #[error(transparent)]
    Source(#[from] NoPackage),
    #[error(transparent)]
    Run(#[from] NotRun),
    #[error(transparent)]
    Tracked(#[from] Tracked),
    #[error(transparent)]
    Path(#[from] NoPath),
    #[error("it is not built: `pipectl build` builds it, and so does a plan without `--no-build`")]
    Missing,
}

/// Which functions have no code, and why.
pub type Faults = Vec<(Address, String)>;

/// Why a build has come to nothing.
#[derive(Debug)]
pub enum Failed {
    /// These could not be built.
    Faults(Faults),
    /// A signal has ended it.
    Interrupted(u8),
}

/// The code of a function, as a command has made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Made {
    /// Whose code it is.
    pub function: Address,
    /// The folder that it is in.
    pub folder: String,
    /// Whether it was made just now.
    pub fresh: bool,
}

/// How commands are run.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    /// Where what they print goes.
    pub said: fn() -> Stdio,
    /// Told of each before it runs.
    pub tell: &'a dyn Fn(&str),
    /// What ends them.
    pub stop: &'a dyn Stop,
}

/// Whether a command has not run yet that `build` would run.
pub fn pending(spec: &Spec) -> bool {
    let Ok(project) = Project::here() else { return false };
    functions(spec).any(|source| source.is_ok_and(|source| !source.is_there(&project)))
}

/// Makes the folder for what is built, so that there is one also where nothing is.
///
/// # Errors
/// When it cannot be written.
pub fn make_place() -> Result<(), String> {
    let project = Project::here().map_err(|error| error.to_string())?;
    prepare(&project).map(drop).map_err(|error| error.to_string())
}

/// Runs the commands that have not run yet.
///
/// # Errors
/// What could not be built.
pub async fn build(spec: &Spec, how: Run<'_>) -> Result<Vec<Made>, Failed> {
    let (mut all, mut faults) = (Vec::new(), Faults::new());
    for source in functions(spec) {
        match source {
            Ok(source) => match made(&source, how).await {
                Ok(fresh) => all.push(Made { function: source.address, folder: source.folder, fresh }),
                Err(NotBuilt::Run(NotRun::Interrupted(signal))) => return Err(Failed::Interrupted(signal)),
                Err(fault) => faults.push((source.address, fault.to_string())),
            },
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(all) } else { Err(Failed::Faults(faults)) }
}

/// Whether the code was made just now. What is there already must be as it was built.
async fn made(source: &Source<'_>, how: Run<'_>) -> Result<bool, NotBuilt> {
    let project = Project::here().map_err(NoPath::from)?;
    let fresh = !source.is_there(&project) && run(&project, source, how).await?;
    if !fresh {
        usable(&project, source)?;
    }
    Ok(fresh)
}

/// Refuses code that version control has brought, or that is not as it was built.
fn usable(project: &Project, source: &Source<'_>) -> Result<(), NotBuilt> {
    tracked::check(project)?;
    Ok(verify(project, &source.built)?)
}

/// The spec with folders that are code: where a command makes it, the folder that it was made in.
///
/// # Errors
/// What is not built yet, or not as it was built.
pub fn built(spec: &Spec) -> Result<Cow<'_, Spec>, Faults> {
    coded(spec, |source| {
        let project = Project::here().map_err(NoPath::from)?;
        if source.is_there(&project) { usable(&project, source) } else { Err(NotBuilt::Missing) }
    })
}

/// The spec with the folders that would be code; whether they are there is not looked at.
///
/// # Errors
/// What could not be built.
pub fn named(spec: &Spec) -> Result<Cow<'_, Spec>, Faults> {
    coded(spec, |_| Ok(()))
}

/// Whether the code of a function was made of other files, or by another command, than what the state remembers of it was.
pub fn is_newer(wanted: &Value, remembered: &Value) -> bool {
    let path = |attributes: &Value| attributes["code"]["path"].as_str().map(str::to_owned);
    let (wanted, remembered) = (path(wanted), path(remembered));
    wanted != remembered && wanted.is_some_and(|path| path.starts_with(BUILT))
}

fn coded(spec: &Spec, check: impl Fn(&Source<'_>) -> Result<(), NotBuilt>) -> Result<Cow<'_, Spec>, Faults> {
    let (mut coded, mut faults) = (Cow::Borrowed(spec), Faults::new());
    for source in functions(spec) {
        let checked = source.and_then(|source| match check(&source) {
            Ok(()) => Ok(source),
            Err(fault) => Err((source.address, fault.to_string())),
        });
        match checked {
            Ok(source) => {
                if let Some(function) = coded.to_mut().blocks.function.own_mut().get_mut(source.name) {
                    function.block.code = Some(Code::Files(source.folder));
                }
            }
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(coded) } else { Err(faults) }
}

/// What a function's code is made of.
struct Source<'a> {
    name: &'a str,
    address: Address,
    function: &'a Function,
    files: Rc<Package>,
    /// What the code is called among what was built.
    built: String,
    /// The folder for the code, from the project's own.
    folder: String,
}

impl Source<'_> {
    /// Whether there is something that is to be the code. A link counts: it is refused when it is looked at.
    fn is_there(&self, project: &Project) -> bool {
        project.root().join(&self.folder).symlink_metadata().is_ok()
    }
}

/// The functions whose code a command makes.
fn functions(spec: &Spec) -> impl Iterator<Item = Result<Source<'_>, (Address, String)>> {
    let built = spec.blocks.function.own().iter().filter(|(_, function)| !function.build.is_empty());
    built.map(|(name, function)| {
        let address = Address::block("function", name);
        let files = pack(function.files().unwrap_or_default()).map_err(|fault| (address.clone(), fault.to_string()))?;
        let built = name_of(function, &files);
        let folder = format!("{BUILT}/{built}");
        Ok(Source { name, address, function, files: Rc::new(files), built, folder })
    })
}

/// A name that stands for the files, the command and which variables it gets; not for their values, which may be secret.
fn name_of(function: &Function, source: &Package) -> String {
    let mut digest = Sha256::new_with_prefix(&source.sha256);
    for word in &function.build {
        digest.update([0]);
        digest.update(word);
    }
    for variable in &function.build_env {
        digest.update([1]);
        digest.update(variable);
    }
    hex::encode(&digest.finalize()[..16])
}
