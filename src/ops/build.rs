//! Builds the code of functions: a command runs in a copy of a function's folder, once for the same files and the same
//! command. What it made stays in [`BUILT`], which can be deleted at any time.

use std::borrow::Cow;
use std::fs;
use std::io::{self, Cursor};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use sha2::{Digest as _, Sha256};
use zip::ZipArchive;
use zip::result::ZipError;

use crate::engine::address::Address;
use crate::engine::package::{BUILT, NoPackage, Package, pack};
use crate::spec::Spec;
use crate::spec::blocks::function::Function;

/// Why there is no code.
#[derive(Debug, thiserror::Error)]
enum NotBuilt {
    #[error(transparent)]
    Source(#[from] NoPackage),
    #[error("`{0}` cannot be copied: {1}")]
    NotCopied(String, ZipError),
    #[error("`{BUILT}` cannot be written: {0}")]
    NoPlace(io::Error),
    #[error("`{0}` cannot be run: {1}")]
    NotRun(String, io::Error),
    #[error("`{0}` has failed ({1}); what it said stands above")]
    Failed(String, ExitStatus),
    #[error("it is not built")]
    Missing,
}

/// Which functions have no code, and why.
pub type Faults = Vec<(Address, String)>;

/// The spec with folders that are code: where a command makes it, the folder that it was made in. Runs the commands that
/// have not run yet; what they print goes to `said`.
///
/// # Errors
/// What could not be built.
pub fn build(spec: &Spec, said: fn() -> Stdio) -> Result<Cow<'_, Spec>, Faults> {
    each(spec, |function, source, folder| run(function, source, folder, said()))
}

/// The same, without running anything.
///
/// # Errors
/// What is not built yet.
pub fn built(spec: &Spec) -> Result<Cow<'_, Spec>, Faults> {
    each(spec, |_, _, _| Err(NotBuilt::Missing))
}

fn each(
    spec: &Spec,
    missing: impl Fn(&Function, &Package, &Path) -> Result<(), NotBuilt>,
) -> Result<Cow<'_, Spec>, Faults> {
    let (mut folders, mut faults) = (Vec::new(), Faults::new());
    for (name, function) in spec.blocks.function.iter().filter(|(_, function)| !function.build.is_empty()) {
        let made = pack(&function.code).map_err(NotBuilt::from).and_then(|source| {
            let folder = format!("{BUILT}/{}", name_of(function, &source));
            if !Path::new(&folder).is_dir() {
                missing(function, &source, Path::new(&folder))?;
            }
            Ok(folder)
        });
        match made {
            Ok(folder) => folders.push((name, folder)),
            Err(fault) => faults.push((Address::block("function", name), fault.to_string())),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut coded = Cow::Borrowed(spec);
    for (name, folder) in folders {
        if let Some(function) = coded.to_mut().blocks.function.get_mut(name) {
            function.block.code = folder;
        }
    }
    Ok(coded)
}

/// A name that stands for the files and the command.
fn name_of(function: &Function, source: &Package) -> String {
    let mut digest = Sha256::new_with_prefix(&source.sha256);
    for word in &function.build {
        digest.update([0]);
        digest.update(word);
    }
    hex::encode(&digest.finalize()[..16])
}

/// Runs the command in a copy of the source, and keeps that if it succeeds.
fn run(function: &Function, source: &Package, folder: &Path, said: Stdio) -> Result<(), NotBuilt> {
    let Some((program, arguments)) = function.build.split_first() else { return Ok(()) };
    let copy = place().map_err(NotBuilt::NoPlace)?;
    let unpacked = ZipArchive::new(Cursor::new(&source.zip)).and_then(|mut zip| zip.extract(copy.path()));
    unpacked.map_err(|error| NotBuilt::NotCopied(function.code.clone(), error))?;
    let command = function.build.join(" ");
    let mut child = Command::new(program);
    child.args(arguments).current_dir(copy.path()).stdin(Stdio::null()).stdout(said);
    let status = child.status().map_err(|error| NotBuilt::NotRun(command.clone(), error))?;
    if !status.success() {
        return Err(NotBuilt::Failed(command, status));
    }
    match fs::rename(copy.path(), folder) {
        // Another pipectl was quicker: the same files and the same command.
        Err(_) if folder.is_dir() => Ok(()),
        moved => moved.map_err(NotBuilt::NoPlace),
    }
}

/// A folder to build in, on the file system where what is built stays; version control takes no notice of it.
fn place() -> io::Result<tempfile::TempDir> {
    fs::create_dir_all(BUILT)?;
    let top = Path::new(BUILT).parent().unwrap_or(Path::new("."));
    fs::write(top.join(".gitignore"), "*\n")?;
    tempfile::Builder::new().prefix("under-way-").tempdir_in(BUILT)
}
