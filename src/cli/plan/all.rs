//! `pipectl plan --all`: every project below, each planned by a pipectl of its own, as a process works in one project's root.

use std::path::{Component, Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, anyhow};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use serde_json::{Value, json};
use tokio::process::Command;

use super::Args;
use super::order::{Placed, in_order, namesakes};
use crate::cli::failure::{Failure, Outcome};
use crate::cli::files::write_file;
use crate::cli::printer::Printer;
use crate::cli::standing::foreign;
use crate::files::project::Project;
use crate::files::root::roots_below;
use crate::ops::Fault;
use crate::ops::amount::counted;
use crate::ops::changed::changed_since;
use crate::report::child_pipeline::{Project as Child, child_pipeline};
use crate::report::markdown::all as markdown;
use crate::report::style::{BOLD, Clean, paint};
use crate::spec::Source;

/// How many are planned at a time.
const AT_ONCE: usize = 4;

/// The part of AWS's published rates that may be used: each of those at work at a time gets its share of it.
const SHARE: &str = "PIPECTL_API_RATE";

/// What the plan of a project ended with.
struct Planned {
    folder: String,
    code: u8,
    stdout: String,
    stderr: String,
}

pub(super) async fn run(args: &Args, printer: Printer) -> Outcome {
    check(args)?;
    let source = args.spec.source()?;
    let projects = chosen(args, &source, printer)?;
    let share = share(projects.len());
    let plans = projects.iter().map(|project| plan(args, project, share, printer)).collect::<Vec<_>>();
    let plans: Vec<Planned> = stream::iter(plans).buffered(AT_ONCE).try_collect().await?;
    show(args, &plans, printer)?;
    if let Some(file) = &args.which.child_pipeline {
        write_file(file, &child_pipeline(&children(args, &projects, &plans)))?;
    }
    let count = |of: u8| plans.iter().filter(|one| one.code == of).count();
    let (changes, none) = (count(2), count(0));
    let rest = plans.len() - changes - none;
    let all = counted(plans.len() as u64, "project");
    printer.say(&format!("{all}: {changes} with changes, {none} without, {rest} whose plan cannot be applied"));
    let code = plans.iter().map(|one| one.code).max_by_key(|code| gravity(*code)).unwrap_or(0);
    Ok(if code == 2 && !args.detailed_exitcode { 0 } else { code })
}

/// The projects with changes, each with those before it that it refers to.
fn children<'a>(args: &'a Args, projects: &'a [Placed], plans: &'a [Planned]) -> Vec<Child<'a>> {
    let changed: Vec<(&Placed, &str)> = projects
        .iter()
        .zip(plans)
        .filter(|(_, plan)| plan.code == 2)
        .map(|(at, plan)| (at, plan.folder.as_str()))
        .collect();
    let child = |(place, (project, folder)): (usize, &(&Placed, &'a str))| {
        let before = changed[..place].iter().filter(|(other, _)| project.uses(other));
        Child { folder, after: before.map(|(_, folder)| *folder).collect(), plan: args.out.display().to_string() }
    };
    changed.iter().enumerate().map(child).collect()
}

/// How grave an exit code is: of many, the worst counts.
fn gravity(code: u8) -> u8 {
    match code {
        0 => 0,
        // There are changes.
        2 => 1,
        // Refused by protection or a rule.
        6 => 2,
        // Interrupted.
        128.. => 4,
        _ => 3,
    }
}

/// Refuses what is about one project.
fn check(args: &Args) -> Result<(), Failure> {
    let of_one = [
        (args.spec.is_of_one_project(), "`--env-file` and `--set`"),
        (!args.adoption.is_empty(), "`--adopt`"),
        (!args.selecting.selection().is_whole(), "`--only`, `--except` and `--replace`"),
        (args.reports.has_files(), "`--html` and `--gitlab-report`"),
    ];
    if let Some((_, words)) = of_one.iter().find(|(given, _)| *given) {
        let error = anyhow!("{words} are about one project, and `--all` is about many");
        return Err(Fault::helped(error, "plan that project by itself, with `-C FOLDER`").into());
    }
    if args.which.child_pipeline.as_deref() == Some(Path::new("-")) {
        return Err(Failure::new("`--child-pipeline` names a file: standard output has the plans"));
    }
    let below = |part: Component| matches!(part, Component::Normal(_) | Component::CurDir);
    if args.out.components().all(below) {
        return Ok(());
    }
    let error = anyhow!("`--out {}` is no path below a project's folder", Clean(&args.out.display().to_string()));
    Err(Fault::helped(error, "with `--all` each plan is saved in its own project: name a file there, `plan.json`")
        .into())
}

/// The projects that are planned, in their order.
fn chosen(args: &Args, source: &Source, printer: Printer) -> Result<Vec<Placed>, Failure> {
    let here = std::env::current_dir().context("the current folder is gone")?;
    let all = roots_below(&here).map_err(|error| foreign(&error))?;
    if all.is_empty() {
        let error = anyhow!("no project lies at or below {}", Clean(&here.display().to_string()));
        return Err(Fault::helped(error, "a project is a folder with `envs/` in it").into());
    }
    let mut roots = all.clone();
    if let Source::Env(env) = source {
        let has = |root: &PathBuf| root.join("envs").join(format!("{env}.toml")).is_file();
        let (with, without): (Vec<_>, Vec<_>) = roots.into_iter().partition(has);
        if with.is_empty() {
            let error = anyhow!("no project at or below the current folder has an environment `{}`", Clean(env));
            return Err(Fault::helped(error, "each environment is a file: `envs/dev.toml`").into());
        }
        if !without.is_empty() {
            let folders: Vec<String> = without.iter().map(|root| below(&here, root).display().to_string()).collect();
            printer.say(&format!("without an environment {}: {}", Clean(env), Clean(&folders.join(", "))));
        }
        roots = with;
    }
    if let Some(reference) = &args.which.changed_since {
        let owners = changed(&here, &all, reference, &args.out)?;
        roots.retain(|root| owners.contains(root));
        if roots.is_empty() {
            printer.say(&format!("no project has changed since {}", Clean(reference)));
        }
    }
    let projects = in_order(roots.iter().map(|root| Placed::read(&below(&here, root), source)).collect());
    for (name, folders) in namesakes(&projects) {
        let folders: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
        printer.warn(&format!(
            "{} are the project `{}` alike: where their states are in one place, each plans to delete what the other has made; \
             give each a `[project] name` of its own",
            Clean(&folders.join(" and ")),
            Clean(name)
        ));
    }
    Ok(projects)
}

/// A root as seen from where the person stands.
fn below(here: &Path, root: &Path) -> PathBuf {
    match root.strip_prefix(here) {
        Ok(below) if !below.as_os_str().is_empty() => below.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// The roots in whose folders something has changed: a spec reaches nothing outside of its project. What lies in a project within
/// another one is the inner one's, and a saved plan is nobody's change.
fn changed(here: &Path, all: &[PathBuf], reference: &str, out: &Path) -> Result<Vec<PathBuf>, Failure> {
    // Git says whole paths without links.
    let real = |root: &PathBuf| {
        let real = Project::at(root).map_or_else(|_| root.clone(), |project| project.root().to_owned());
        (real, root.clone())
    };
    let all: Vec<(PathBuf, PathBuf)> = all.iter().map(real).collect();
    let files = changed_since(here, reference)?;
    let owner = |file: &PathBuf| {
        let around = all.iter().filter(|(real, _)| file.starts_with(real));
        let (real, root) = around.max_by_key(|(real, _)| real.components().count())?;
        (*file != real.join(out)).then(|| root.clone())
    };
    Ok(files.iter().filter_map(owner).collect())
}

/// What of AWS's rates each of those at work gets; absent where it is said in a way that the plans themselves refuse.
fn share(projects: usize) -> Option<f64> {
    let said = std::env::var(SHARE).ok().filter(|text| !text.is_empty());
    let whole: f64 = said.map_or(Some(1.0), |text| text.parse().ok())?;
    let at_once = u32::try_from(projects.clamp(1, AT_ONCE)).ok()?;
    Some(whole / f64::from(at_once))
}

/// Plans one project.
async fn plan(args: &Args, project: &Placed, share: Option<f64>, printer: Printer) -> Result<Planned, Failure> {
    let program = std::env::current_exe().context("where pipectl is cannot be told")?;
    let mut command = Command::new(program);
    command.arg("-C").arg(&project.folder).args(["plan", "--color", "never", "--detailed-exitcode"]);
    command.arg("--out").arg(&args.out);
    if let Some(env) = args.spec.env() {
        command.args(["--env", env]);
    }
    let flags = [
        ("--preflight", args.preflight),
        ("--no-build", args.no_build),
        ("--full", args.reports.is_full()),
        ("--markdown", args.reports.is_markdown()),
        ("--json", printer.json),
    ];
    command.args(flags.iter().filter(|(_, given)| *given).map(|(flag, _)| flag));
    command.env("COLUMNS", printer.width.to_string()).envs(share.map(|share| (SHARE, share.to_string())));
    command.stdin(Stdio::null()).kill_on_drop(true);
    let output = command.output().await.context("pipectl cannot be run again")?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(Planned {
        folder: project.folder.display().to_string(),
        // What a signal has ended has no code of its own.
        code: output.status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1),
        stdout: text(&output.stdout),
        stderr: text(&output.stderr),
    })
}

/// Shows all plans as one.
fn show(args: &Args, plans: &[Planned], printer: Printer) -> Result<(), Failure> {
    for Planned { folder, stderr, .. } in plans {
        for line in stderr.lines().filter(|line| !line.is_empty()) {
            printer.say(&format!("{}: {line}", Clean(folder)));
        }
    }
    if printer.json {
        let all: Vec<Value> = plans.iter().map(as_json).collect();
        return Ok(printer.json(&all)?);
    }
    if args.reports.is_markdown() {
        let parts: Vec<_> = plans.iter().map(|one| (one.folder.as_str(), one.code, one.stdout.as_str())).collect();
        return Ok(printer.out(&markdown(&parts))?);
    }
    let title = |folder: &str| paint(BOLD, format!("# {}", Clean(folder)));
    let texts = plans.iter().filter(|one| !one.stdout.trim().is_empty());
    let texts: Vec<_> = texts.map(|one| format!("{}\n{}\n", title(&one.folder), one.stdout.trim_end())).collect();
    Ok(printer.out(&texts.join("\n"))?)
}

/// A plan among others: as it is by itself, or why there is none.
fn as_json(planned: &Planned) -> Value {
    let Planned { folder, code, stdout, stderr } = planned;
    let said: Value = serde_json::from_str(stdout).unwrap_or_default();
    match said {
        Value::Object(mut said) if said.contains_key("error") => {
            json!({"folder": folder, "exit_code": code, "error": said.remove("error")})
        }
        Value::Object(plan) => json!({"folder": folder, "exit_code": code, "plan": plan}),
        _ => json!({"folder": folder, "exit_code": code, "error": {"message": stderr.trim(), "exit_code": code}}),
    }
}
