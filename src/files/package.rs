//! The code of a function: a folder or a file as a zip file, byte for byte the same for the same files.

use std::fs;
use std::io::{self, Cursor, Read as _, Write as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

use super::project::{Links, NoPath, Project, open};
use super::seal::{self, BUILT, Seal, Unfit};

/// The largest zip file that Lambda takes in a call, in bytes.
const LARGEST: usize = 50 * 1024 * 1024;
/// The most that Lambda unpacks, in bytes.
const LARGEST_UNPACKED: u64 = 250 * 1024 * 1024;

/// What a runtime of one's own (`provided.…`) begins with.
pub const BOOTSTRAP: &str = "bootstrap";

/// A zip file.
pub struct Package {
    /// Its bytes.
    pub zip: Vec<u8>,
    /// Their SHA-256 in base64, as AWS has it: `CodeSha256`.
    pub sha256: String,
}

/// Why a folder is no code.
#[derive(Debug, thiserror::Error)]
pub enum NoPackage {
    /// The path leads out of the project, or by a link.
    #[error(transparent)]
    Path(#[from] NoPath),
    /// A folder of built code is not as it was built, or is not ours.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// It is nothing that could be packed.
    #[error("`{0}` is not a folder")]
    NoFolder(String),
    /// A folder that a command has made, on another machine.
    #[error("`{0}` is not here: it was built where the plan was made. Keep it with the plan, or make a new plan here")]
    NotBuilt(String),
    /// It has no file that would be packed.
    #[error("there is no file in `{0}`")]
    Empty(String),
    /// It, or what is in it, is a symbolic link.
    #[error("`{0}` is a link: put what it leads to in its place")]
    Link(String),
    /// The name of a file is not text.
    #[error("the name of `{0}` is not UTF-8")]
    Name(String),
    /// A file cannot be read.
    #[error("`{0}` cannot be read: {1}")]
    Unreadable(String, io::Error),
    /// It would not fit when it is unpacked.
    #[error("the files in `{0}` have more than 250 MiB, the most that Lambda unpacks")]
    TooMuch(String),
    /// It would not fit into a call.
    #[error("zipped, `{0}` has {1} MiB; Lambda takes 50 MiB in a call")]
    TooLarge(String, usize),
    /// The zip file cannot be written.
    #[error("`{0}` cannot be zipped: {1}")]
    Unzippable(String, zip::result::ZipError),
}

/// Packs a folder, named from the project's own. What begins with a dot stays behind, and so does Python's `__pycache__`:
/// neither is the author's work. What was built is packed only if it is as it was built.
///
/// # Errors
/// Why the folder is no code that Lambda would take.
pub fn pack(folder: &str) -> Result<Package, NoPackage> {
    let project = Project::here().map_err(NoPath::from)?;
    let path = project.inside(folder, Links::Refused)?;
    let root = path.as_path();
    let was_built = root.starts_with(project.root().join(BUILT));
    if !root.is_dir() && was_built {
        return Err(NoPackage::NotBuilt(folder.to_owned()));
    }
    if root.is_file() {
        return single(folder, root);
    }
    if !root.is_dir() {
        return Err(NoPackage::NoFolder(folder.to_owned()));
    }
    if was_built && !fs::metadata(root).is_ok_and(|about| seal::is_ours(&about)) {
        return Err(Unfit::Foreign(folder.to_owned()).into());
    }
    let mut files = Vec::new();
    // What was built holds nothing that stays behind: it is all looked at.
    collect(root, "", was_built, &mut files)?;
    if files.is_empty() {
        return Err(NoPackage::Empty(folder.to_owned()));
    }
    if files.iter().map(|file| file.size).sum::<u64>() > LARGEST_UNPACKED {
        return Err(NoPackage::TooMuch(folder.to_owned()));
    }
    let mut seal = Seal::default();
    let zip = zipped(folder, &files, &mut seal)?;
    if was_built {
        seal::compare(&project, root, &seal.finish())?;
    }
    whole(folder, zip)
}

/// One file by itself; a zip file is what it is.
fn single(path: &str, file: &Path) -> Result<Package, NoPackage> {
    let about = fs::metadata(file).map_err(|error| NoPackage::Unreadable(path.to_owned(), error))?;
    let Some(name) = file.file_name().and_then(|name| name.to_str()) else {
        return Err(NoPackage::Name(path.to_owned()));
    };
    let executable = is_executable(&about) || name == BOOTSTRAP;
    let one = File { name: name.to_owned(), path: file.to_owned(), size: about.len(), executable };
    if one.size > LARGEST_UNPACKED {
        return Err(NoPackage::TooMuch(path.to_owned()));
    }
    let zipped_already = file.extension().is_some_and(|end| end == "zip");
    whole(path, if zipped_already { one.content()? } else { zipped(path, &[one], &mut Seal::default())? })
}

/// A zip file that Lambda takes in a call.
fn whole(path: &str, zip: Vec<u8>) -> Result<Package, NoPackage> {
    if zip.len() > LARGEST {
        return Err(NoPackage::TooLarge(path.to_owned(), zip.len() / 1024 / 1024));
    }
    Ok(Package { sha256: STANDARD.encode(Sha256::digest(&zip)), zip })
}

/// The path of a folder that a plan or a spec names: neither may reach for what is not the project's.
///
/// # Errors
/// Where it leads out of the project, or is reached by a link.
pub fn inside(folder: &str) -> Result<PathBuf, NoPackage> {
    let project = Project::here().map_err(NoPath::from)?;
    Ok(project.inside(folder, Links::Refused)?.as_path().to_owned())
}

/// A file, by its name within the folder, with `/` between its parts.
struct File {
    name: String,
    path: PathBuf,
    size: u64,
    executable: bool,
}

impl File {
    fn content(&self) -> Result<Vec<u8>, NoPackage> {
        let mut content = Vec::new();
        open(&self.path)
            .and_then(|file| file.take(LARGEST_UNPACKED + 1).read_to_end(&mut content))
            .map_err(|error| NoPackage::Unreadable(self.path.display().to_string(), error))?;
        Ok(content)
    }
}

/// Whether it is no part of the code.
pub(super) fn stays_behind(name: &str) -> bool {
    name.starts_with('.') || name == "__pycache__"
}

/// The digest of a folder of built code: of every file in it.
pub(super) fn digest(folder: &Path) -> Result<String, NoPackage> {
    let mut files = Vec::new();
    collect(folder, "", true, &mut files)?;
    let mut seal = Seal::default();
    for file in &files {
        seal.add(&file.name, file.executable, &file.content()?);
    }
    Ok(seal.finish())
}

/// Lists the files, by name, as no file system lists them alike; of built code all, and only if it is ours.
fn collect(folder: &Path, prefix: &str, built: bool, files: &mut Vec<File>) -> Result<(), NoPackage> {
    walk(folder, prefix, built, files)?;
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(())
}

fn walk(folder: &Path, prefix: &str, built: bool, files: &mut Vec<File>) -> Result<(), NoPackage> {
    let failed = |path: &Path| {
        let path = path.display().to_string();
        move |error| NoPackage::Unreadable(path, error)
    };
    for entry in fs::read_dir(folder).map_err(failed(folder))? {
        let path = entry.map_err(failed(folder))?.path();
        let shown = || path.display().to_string();
        let Some(own) = path.file_name().and_then(|name| name.to_str()) else { return Err(NoPackage::Name(shown())) };
        if !built && stays_behind(own) {
            continue;
        }
        let name = format!("{prefix}{own}");
        let about = fs::symlink_metadata(&path).map_err(failed(&path))?;
        if about.is_symlink() {
            return Err(NoPackage::Link(shown()));
        } else if built && !seal::is_ours(&about) {
            return Err(Unfit::Foreign(shown()).into());
        } else if about.is_dir() {
            walk(&path, &format!("{name}/"), built, files)?;
        } else if about.is_file() {
            // Lambda runs it, whatever its mode is here: a checkout, or another system, may have lost that.
            let executable = is_executable(&about) || name == BOOTSTRAP;
            files.push(File { name, size: about.len(), executable, path });
        }
    }
    Ok(())
}

#[cfg(unix)]
pub(super) fn is_executable(about: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    about.permissions().mode() & 0o100 != 0
}

#[cfg(not(unix))]
pub(super) fn is_executable(_: &fs::Metadata) -> bool {
    false
}

/// Nothing of the machine goes in: neither time nor owner, and of the mode only whether a file can be run.
fn zipped(folder: &str, files: &[File], seal: &mut Seal) -> Result<Vec<u8>, NoPackage> {
    let failed = |error| NoPackage::Unzippable(folder.to_owned(), error);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for file in files {
        let options = SimpleFileOptions::default()
            .system(System::Unix)
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::default())
            .unix_permissions(if file.executable { 0o755 } else { 0o644 });
        zip.start_file(file.name.as_str(), options).map_err(failed)?;
        let content = file.content()?;
        seal.add(&file.name, file.executable, &content);
        zip.write_all(&content).map_err(|error| failed(error.into()))?;
    }
    Ok(zip.finish().map_err(failed)?.into_inner())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::io::Read as _;

    use super::*;

    /// A folder below the current one: no other may be packed.
    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::Builder::new().prefix("package-").tempdir_in("target").unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    /// The path as a spec would write it.
    fn pack_in(folder: &tempfile::TempDir) -> Result<Package, NoPackage> {
        let here = std::env::current_dir().unwrap();
        let path = folder.path().strip_prefix(&here).unwrap_or(folder.path());
        pack(path.to_str().unwrap())
    }

    #[test]
    fn the_same_files_are_the_same_bytes_whenever_and_wherever_they_were_written() {
        let files = [("app.py", "def handler(event, context): pass\n"), ("lib/b.py", "b"), ("lib/a.py", "a")];
        let (one, other) = (folder(&files), folder(&[files[2], files[1], files[0]]));
        let old = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_hours(400_000);
        fs::File::options().append(true).open(other.path().join("app.py")).unwrap().set_modified(old).unwrap();
        fs::create_dir(other.path().join("__pycache__")).unwrap();
        fs::write(other.path().join("__pycache__/app.pyc"), "x").unwrap();
        fs::write(other.path().join(".DS_Store"), "x").unwrap();
        let (one, other) = (pack_in(&one).unwrap(), pack_in(&other).unwrap());
        assert!(one.zip == other.zip && one.sha256 == other.sha256);
        // If this changes, every function is uploaded once more after an update of pipectl.
        assert_eq!(one.sha256, "ytzRGbkyVu0RPfsYn9MJXoIuAlzDwQfsv9KhpeC0oW8=");
    }

    #[test]
    fn one_file_is_packed_as_a_folder_with_it_is_and_a_zip_file_is_taken_as_it_is() {
        let files = folder(&[("app.py", "def handler(event, context): pass\n"), ("other.zip", "PK")]);
        let alone = folder(&[("app.py", "def handler(event, context): pass\n")]);
        let here = std::env::current_dir().unwrap();
        let of = |name: &str| {
            let path = files.path().join(name);
            pack(path.strip_prefix(&here).unwrap_or(&path).to_str().unwrap()).unwrap()
        };
        assert!(of("app.py").zip == pack_in(&alone).unwrap().zip);
        assert_eq!(of("other.zip").zip, b"PK");
    }

    #[test]
    fn every_file_comes_out_as_it_went_in() {
        let files = folder(&[("app.py", "one"), ("lib/a.py", "two")]);
        let zip = pack_in(&files).unwrap().zip;
        let mut archive = zip::ZipArchive::new(Cursor::new(zip)).unwrap();
        let mut found = BTreeMap::new();
        for index in 0..archive.len() {
            let mut file = archive.by_index(index).unwrap();
            let (name, mode) = (file.name().unwrap().into_owned(), file.unix_mode().unwrap() & 0o777);
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            found.insert(name, (text, mode));
        }
        let expected = [("app.py", "one"), ("lib/a.py", "two")];
        assert_eq!(found, expected.map(|(name, text)| (name.to_owned(), (text.to_owned(), 0o644))).into());
    }

    #[test]
    fn another_byte_another_name_and_another_mode_are_another_package() {
        let sha256 = |files: &[(&str, &str)]| pack_in(&folder(files)).unwrap().sha256;
        let all = [sha256(&[("a.py", "1")]), sha256(&[("a.py", "2")]), sha256(&[("b.py", "1")])];
        assert!(all[0] != all[1] && all[0] != all[2]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let run = folder(&[("a.py", "1")]);
            fs::set_permissions(run.path().join("a.py"), fs::Permissions::from_mode(0o755)).unwrap();
            assert_ne!(pack_in(&run).unwrap().sha256, all[0]);
        }
    }

    #[test]
    fn what_lambda_runs_can_be_run_whatever_its_mode_is_here() {
        let zip = pack_in(&folder(&[("bootstrap", "#!/bin/sh"), ("lib/bootstrap", "x")])).unwrap().zip;
        let mut archive = zip::ZipArchive::new(Cursor::new(zip)).unwrap();
        let mut mode = |name: &str| archive.by_name(name).unwrap().unix_mode().unwrap() & 0o777;
        assert_eq!((mode("bootstrap"), mode("lib/bootstrap")), (0o755, 0o644));
    }

    #[test]
    fn what_is_no_code_says_why() {
        let told = |folder: &str| pack(folder).err().map(|error| error.to_string()).unwrap_or_default();
        for outside in ["../x", "/etc", "", "a/../../b", "a\\b"] {
            assert!(told(outside).contains("leads out of the project"), "{outside}");
        }
        assert_eq!(told("no/such"), "`no/such` is not a folder");
        let empty = pack_in(&folder(&[(".hidden", "x")])).err().unwrap().to_string();
        assert!(empty.starts_with("there is no file in"), "{empty}");
        #[cfg(unix)]
        {
            let linked = folder(&[("app.py", "x")]);
            std::os::unix::fs::symlink("/etc/passwd", linked.path().join("secrets")).unwrap();
            assert!(pack_in(&linked).err().unwrap().to_string().contains("is a link"));
        }
    }
}
