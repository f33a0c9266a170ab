//! `pipectl init`.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::json;

use super::failure::{Failure, Outcome};
use super::printer::Printer;
use crate::files::bounded::{self, MAX_DOCUMENT};
use crate::files::project::{Links, Project};
use crate::files::root::root_of;
use crate::ops::Fault;
use crate::report::style::{Clean, GOOD, paint};

/// The name that the environments in this repository have, and new projects replace.
const NAME: &str = "acme-clickstream";

/// The option that names the project.
const OPTION: &str = "--name";

/// What a new project begins with: the environments and the pipeline that this repository itself uses.
const FILES: [(&str, &str); 5] = [
    ("envs/base.toml", include_str!("../../../envs/base.toml")),
    ("envs/dev.toml", include_str!("../../../envs/dev.toml")),
    ("envs/staging.toml", include_str!("../../../envs/staging.toml")),
    ("envs/prod.toml", include_str!("../../../envs/prod.toml")),
    (".gitlab-ci.yml", PIPELINE),
];

/// The pipeline of a project.
const PIPELINE: &str = include_str!("../../../.gitlab-ci.yml");

/// The pipeline of a tree of projects; what its jobs stand on is that of a single project's.
const TREE: &str = include_str!("tree.yml");

/// The file that both the tree's pipeline and its child pipelines include.
const SHARED: &str = ".gitlab-ci-pipectl.yml";

/// The first commands of a project.
const NEXT: &str = "  pipectl validate --env dev\n  pipectl bootstrap --env dev\n  pipectl plan --env dev\n";

/// Begin a project: envs/ with a whole pipeline, and a .gitlab-ci.yml
///
/// The pipeline has the environments dev, staging and prod. Existing files are never overwritten.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The project's folder
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// The project's name; without it, the folder's
    #[arg(long)]
    name: Option<String>,
    /// Mail address that alarms go to
    #[arg(long, default_value = "data-oncall@example.com")]
    email: String,
    /// Write one .gitlab-ci.yml for all projects below the folder instead: planned together, applied in child pipelines
    #[arg(long, conflicts_with_all = ["name", "email"])]
    tree: bool,
}

pub(super) fn run(args: &Args, printer: Printer) -> Outcome {
    if args.tree {
        return tree(&args.folder, printer);
    }
    let name = args.name.clone().map_or_else(|| of_folder(&args.folder, OPTION), |name| checked(name, OPTION))?;
    if args.email.chars().any(|letter| letter.is_control() || "\"\\ ".contains(letter)) || !args.email.contains('@') {
        return Err(Failure::new(format!("`{}` is no mail address", Clean(&args.email))));
    }
    refuse_nested(&args.folder)?;
    refuse_taken(&args.folder, &FILES.map(|(file, _)| file))?;
    for (file, text) in FILES {
        let text = text.replace(NAME, &name).replace("data-oncall@example.com", &args.email);
        write(&args.folder, file, &text).with_context(|| format!("`{file}` cannot be written"))?;
    }
    let written = FILES.map(|(file, _)| file);
    let folder = if args.folder.as_os_str() == "." {
        String::new()
    } else {
        format!("  cd {}\n", Clean(&args.folder.display().to_string()))
    };
    let text = format!(
        "wrote {}\n{} project {name}. Look through envs/base.toml, and go on with\n{folder}{NEXT}",
        written.join(", "),
        paint(GOOD, "ready:")
    );
    let json = || json!({"project": name, "files": written});
    printer.result(&text, json)?;
    Ok(0)
}

/// Writes the pipeline of a tree of projects.
fn tree(folder: &Path, printer: Printer) -> Outcome {
    let shared = shared().ok_or_else(|| Failure::new("this pipectl has no template of a pipeline"))?;
    let files = [(".gitlab-ci.yml", TREE), (SHARED, &shared)];
    refuse_taken(folder, &files.map(|(file, _)| file))?;
    for (file, text) in files {
        write(folder, file, text).with_context(|| format!("`{file}` cannot be written"))?;
    }
    let written = files.map(|(file, _)| file);
    let text = format!(
        "wrote {}\n{} the projects below are planned together. Begin them with\n  pipectl init FOLDER --name NAME    # its own \
         .gitlab-ci.yml can go\n  pipectl plan --all --env dev\n",
        written.join(", "),
        paint(GOOD, "ready:")
    );
    printer.result(&text, || json!({"files": written}))?;
    Ok(0)
}

/// What jobs stand on, as the pipeline of a project has it: when there is a pipeline, the image, the roles.
fn shared() -> Option<String> {
    let (head, rest) = PIPELINE.split_once("\nstages:")?;
    let (_, rest) = rest.split_once("\nworkflow:")?;
    let (jobs, _) = rest.split_once("\nvalidate:")?;
    Some(format!("{head}\nworkflow:{}\n", jobs.trim_end()))
}

/// Refuses to write where a file of that name exists.
fn refuse_taken(folder: &Path, files: &[&str]) -> Result<(), Failure> {
    let taken: Vec<&str> = files.iter().copied().filter(|file| folder.join(file).exists()).collect();
    if taken.is_empty() {
        return Ok(());
    }
    let folder = Clean(&folder.display().to_string()).to_string();
    Err(Failure::new(format!("nothing was written, for {folder} has {} already", taken.join(", "))))
}

/// Refuses a project within another one: whoever works below it would have the inner one, and nobody else would know of it.
fn refuse_nested(folder: &Path) -> Result<(), Failure> {
    let whole = std::path::absolute(folder).map_err(anyhow::Error::from)?;
    let Some(there) = whole.ancestors().find_map(|folder| Project::at(folder).ok()) else { return Ok(()) };
    // One above that is somebody else's is not found from there either.
    let Ok(Some(around)) = root_of(there.root()) else { return Ok(()) };
    if Project::at(&whole).is_ok_and(|own| own.root() == around) {
        return Ok(());
    }
    let shown = |path: &Path| Clean(&path.display().to_string()).to_string();
    let message = format!("nothing was written, for {} lies in the project of {}", shown(folder), shown(&around));
    let help = "pipectl finds that project from here; begin another one outside of it, or in a repository of its own: `git init` \
                in its folder comes first";
    Err(Fault::helped(anyhow::anyhow!(message), help).into())
}

/// The project's name, where a folder that it may be called after is all that is known; else `option` is to name it.
pub(super) fn of_folder(folder: &Path, option: &str) -> Result<String, Failure> {
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let name = folder.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    checked(name.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-").trim_matches('-').to_owned(), option)
}

/// The project's name in the files of envs/, where one says it.
pub(super) fn neighbours() -> Option<String> {
    let mut files: Vec<_> = fs::read_dir("envs").ok()?.filter_map(Result::ok).map(|entry| entry.path()).collect();
    files.sort();
    files.iter().filter_map(|file| bounded::read_text(file, MAX_DOCUMENT).ok()).find_map(|text| {
        let spec: toml::Table = text.parse().ok()?;
        spec.get("project")?.get("name")?.as_str().map(str::to_owned)
    })
}

/// The name, if it has only letters, digits and hyphens, as names of AWS's resources are made of it.
fn checked(name: String, option: &str) -> Result<String, Failure> {
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    let fits =
        name.len() <= 32 && name.starts_with(|letter: char| letter.is_ascii_lowercase()) && name.chars().all(plain);
    if fits {
        return Ok(name);
    }
    let message = format!("`{}` cannot be a project's name", Clean(&name));
    let help = format!("give one with `{option}`: up to 32 lower-case letters, digits and hyphens, a letter first");
    Err(Fault::helped(anyhow::anyhow!(message), help).into())
}

/// Writes a file of a project that does not exist yet, and the folders that it is in.
fn write(folder: &Path, file: &str, text: &str) -> anyhow::Result<()> {
    fs::create_dir_all(folder)?;
    let path = Project::at(folder)?.inside(file, Links::Inside)?;
    if let Some(folder) = path.as_path().parent() {
        fs::create_dir_all(folder)?;
    }
    Ok(fs::File::create_new(path)?.write_all(text.as_bytes())?)
}
