//! Files that a person names: where they are, and how they are written.

use std::fmt::Display;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::Context;

use super::failure::Failure;
use super::standing::named;
use crate::files::project::{NoPath, Project, ProjectPath};
use crate::report::style::Clean;

/// Writes a file whole or not at all, with the permissions of the one it replaces; what is there and is no file, a pipe or
/// a device, is written to. A link in the project that leads out of it is not followed.
pub(super) fn write_file(path: &Path, text: &impl Display) -> Result<(), Failure> {
    write_resolved(path, &given(path)?, text)
}

/// The same for a path that is resolved, and is told of under a name.
pub(super) fn write_resolved(name: &Path, path: &ProjectPath, text: &impl Display) -> Result<(), Failure> {
    let name = Clean(&name.display().to_string()).to_string();
    let inside = path.is_inside();
    let path = path.as_path();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let replace = || -> anyhow::Result<()> {
        let other = std::fs::metadata(path).is_ok_and(|there| !there.is_file());
        // In the project nobody waits at the other end of a pipe; elsewhere it is what a person named.
        anyhow::ensure!(!other || !inside, "there is something that is not a regular file");
        if other {
            return write(std::fs::File::create(path)?, text);
        }
        // Its error names the folder, and no temporary file.
        std::fs::metadata(folder)?;
        let file = tempfile::NamedTempFile::new_in(folder)?;
        write(file.as_file(), text)?;
        if let Ok(there) = std::fs::metadata(path) {
            file.as_file().set_permissions(there.permissions())?;
        }
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    Ok(replace().with_context(|| format!("`{name}` cannot be written"))?)
}

/// A path of the command line, from where a person stands, resolved: wherever it is, but by no link in the project that leads
/// out.
pub(super) fn given(path: &Path) -> Result<ProjectPath, Failure> {
    found(&named(path))
}

/// The same for a path from the project's root.
pub(super) fn found(path: &Path) -> Result<ProjectPath, Failure> {
    let resolved = Project::here().map_err(NoPath::from).and_then(|project| project.given(path));
    Ok(resolved.map_err(anyhow::Error::from)?)
}

fn write(file: impl Write, text: &impl Display) -> anyhow::Result<()> {
    let mut file = BufWriter::new(file);
    write!(file, "{text}")?;
    Ok(file.flush()?)
}
