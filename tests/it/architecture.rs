//! The rules of the house, tried on the sources: which folder may name which, and who may print and exit.

use std::fs;
use std::path::{Path, PathBuf};

use regex_lite::Regex;

/// Which folders of `src/` each may name besides itself.
const MAY_NAME: [(&str, &[&str]); 15] = [
    (
        "cli",
        &[
            "ops",
            "spec",
            "blueprint",
            "cost",
            "policy",
            "engine",
            "state",
            "report",
            "export",
            "import",
            "files",
            "model",
        ],
    ),
    (
        "ops",
        &["spec", "blueprint", "cost", "policy", "engine", "state", "export", "import", "catalog", "files", "model"],
    ),
    ("report", &["ops", "spec", "cost", "engine", "state", "import", "model"]),
    ("import", &["spec", "blueprint", "catalog", "engine", "export", "model"]),
    ("policy", &["spec", "cost", "catalog", "engine", "model"]),
    ("cost", &["spec", "catalog", "engine", "model"]),
    ("blueprint", &["spec", "catalog", "model"]),
    ("export", &["catalog", "model"]),
    ("spec", &["files", "model"]),
    ("engine", &["export", "state", "model"]),
    ("state", &["files", "model"]),
    ("aws", &["catalog", "state", "files", "model"]),
    ("catalog", &["files", "model"]),
    ("files", &[]),
    ("model", &[]),
];

/// The one folder that names AWS and the rest: it puts them together.
const COMPOSITION_ROOT: &str = "cli/session/";

/// Lines after which a file is to be taken apart; the tests at its end are not counted.
const LONGEST: usize = 400;

/// A source file: its path below its folder, and its code without comments.
struct Source {
    path: String,
    code: String,
    lines: usize,
}

impl Source {
    fn new(path: &str, text: &str) -> Self {
        let code: Vec<&str> = text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
        Self {
            path: path.to_owned(),
            code: code.join("\n"),
            lines: text.lines().take_while(|line| *line != "mod tests {").count(),
        }
    }

    /// The same without the tests at its end.
    fn before_tests(&self) -> Self {
        let code = self.code.split("\nmod tests {").next().unwrap_or_default().to_owned();
        Self { path: self.path.clone(), code, lines: self.lines }
    }

    /// The folder at the top; empty for `main.rs` and `lib.rs`.
    fn layer(&self) -> &str {
        self.path.split_once('/').map_or("", |(layer, _)| layer)
    }

    /// The modules around its items: `ops/site.rs` is `ops::site`.
    fn depth(&self) -> usize {
        self.path.split('/').filter(|part| *part != "mod.rs").count()
    }

    /// The line on which a byte of the code is.
    fn line(&self, at: usize) -> usize {
        self.code[..at].matches('\n').count() + 1
    }

    fn finds(&self, pattern: &str) -> Vec<String> {
        let pattern = Regex::new(pattern).unwrap();
        let found = pattern.find_iter(&self.code);
        found.map(|found| format!("{}:{}: {}", self.path, self.line(found.start()), found.as_str())).collect()
    }

    /// The folders at the top that it names, each with its line.
    fn names(&self) -> Vec<(usize, String)> {
        let path = Regex::new(r"\bcrate::([a-z_]+)|\bcrate::\{([^;]*)\}|((?:\bsuper::)+)([a-z_]+)").unwrap();
        let mut names = Vec::new();
        for found in path.captures_iter(&self.code) {
            let line = self.line(found.get(0).unwrap().start());
            let group = |n| found.get(n).map(|found| found.as_str());
            let top = match (group(1), group(2), group(3)) {
                (Some(name), ..) => vec![name.to_owned()],
                (_, Some(list), _) => heads(list),
                // As many `super`s as there are modules around lead to the top.
                (.., Some(supers)) if supers.matches("super").count() == self.depth() => vec![found[4].to_owned()],
                _ => Vec::new(),
            };
            names.extend(top.into_iter().map(|name| (line, name)));
        }
        names
    }
}

/// The first names of a list of paths: `a` and `b` of `a::{c, d}, b`.
fn heads(list: &str) -> Vec<String> {
    let mut depth = 0;
    let mut heads = vec![String::new()];
    for c in list.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => heads.push(String::new()),
            _ if depth == 0 => heads.last_mut().unwrap().push(c),
            _ => {}
        }
    }
    heads.iter().filter_map(|head| head.trim().split("::").next()).map(str::to_owned).collect()
}

/// Every source file below a folder of the package.
fn sources(folder: &str) -> Vec<Source> {
    fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, files);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files = Vec::new();
    walk(&root, &mut files);
    assert!(!files.is_empty(), "{folder} has no sources");
    let below = |path: &Path| path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
    files.iter().map(|path| Source::new(&below(path), &fs::read_to_string(path).unwrap())).collect()
}

#[track_caller]
fn none(violations: &[String], rule: &str) {
    assert!(violations.is_empty(), "{rule}:\n{}", violations.join("\n"));
}

/// The names in a file that its folder may not know.
fn forbidden(source: &Source) -> Vec<String> {
    let is_layer = |name: &str| MAY_NAME.iter().any(|(layer, _)| *layer == name);
    let allowed = |name: &str| {
        let layers =
            MAY_NAME.iter().find(|(layer, _)| *layer == source.layer()).map_or(&[][..], |(_, allowed)| allowed);
        source.layer().is_empty()
            || name == source.layer()
            || layers.contains(&name)
            || (source.path.starts_with(COMPOSITION_ROOT) && name == "aws")
    };
    let names = source.names().into_iter().filter(|(_, name)| is_layer(name) && !allowed(name));
    names.map(|(line, name)| format!("{}:{line}: crate::{name}", source.path)).collect()
}

#[test]
fn dependencies_point_one_way() {
    let violations: Vec<String> = sources("src").iter().flat_map(forbidden).collect();
    none(&violations, "a folder names another that it must not know");
}

#[test]
fn every_folder_has_its_rule() {
    let unruled =
        |source: &Source| !source.layer().is_empty() && MAY_NAME.iter().all(|(name, _)| *name != source.layer());
    let violations: Vec<String> = sources("src").into_iter().filter(unruled).map(|source| source.path).collect();
    none(&violations, "a folder of src/ is not in the list of what may name what");
}

#[test]
fn only_aws_knows_the_sdk() {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    let crates = Regex::new(r"(?m)^(aws-[a-z0-9-]+) =").unwrap();
    let crates: Vec<String> = crates.captures_iter(&manifest).map(|found| found[1].replace('-', "_")).collect();
    assert!(crates.contains(&"aws_sdk_s3".to_owned()), "{crates:?}");
    let path = format!(r"\b({})::", crates.join("|"));
    let sources = sources("src");
    let outside = sources.iter().filter(|source| source.layer() != "aws");
    let violations: Vec<String> = outside.flat_map(|source| source.finds(&path)).collect();
    none(&violations, "the SDK is used outside src/aws");
}

#[test]
fn only_the_command_line_prints() {
    let sources = sources("src");
    let outside = sources.iter().filter(|source| source.layer() != "cli");
    let printing = r"\b(e?print(ln)?|dbg)!|\bio::std(out|err)\(|\banstream::";
    let violations: Vec<String> = outside.flat_map(|source| source.finds(printing)).collect();
    none(&violations, "something is printed outside src/cli");
}

/// The files that may open others by the functions of the system: what they open was resolved by `files/project.rs`, was made
/// by themselves, or is the machine's and not a project's (`/proc`, a temporary folder, the sandbox's own).
const OPENS: [&str; 17] = [
    "cli/init/mod.rs",
    "cli/import.rs",
    "cli/files.rs",
    "files/built.rs",
    "files/entry.rs",
    "files/folders.rs",
    "files/bounded.rs",
    "files/package.rs",
    "files/project.rs",
    "ops/build/environment.rs",
    "ops/build/family.rs",
    "ops/build/run.rs",
    "ops/folder.rs",
    "spec/document.rs",
    "files/process.rs",
    "state/lease/holder.rs",
    "state/rescue.rs",
];

#[test]
fn files_are_opened_where_their_paths_are_resolved() {
    let opening = r"\bfs::(read|write|copy|rename|create_dir|read_link|File)\w*\b|\bFile::(open|create)|\bOpenOptions::|\.canonicalize\(";
    let sources = sources("src");
    let known = |source: &&Source| {
        OPENS.contains(&source.path.as_str())
            || ["ops/sandbox/", "state/local.rs"].iter().any(|own| source.path.starts_with(own))
            || source.path.ends_with("tests.rs")
            || source.path.contains("/tests/")
    };
    let outside = sources.iter().filter(|source| !known(source));
    let violations: Vec<String> = outside.flat_map(|source| source.before_tests().finds(opening)).collect();
    none(&violations, "a file is opened by a path that nobody has resolved: `files::project` does that");
    let links = Regex::new(r"canonicalize\(").unwrap();
    let following = sources.iter().filter(|source| source.path != "files/project.rs" && !source.path.contains("tests"));
    let violations: Vec<String> = following
        .filter(|source| links.is_match(&source.before_tests().code))
        .map(|source| source.path.clone())
        .collect();
    none(&violations, "links are followed outside files/project.rs");
}

#[test]
fn only_main_exits() {
    let sources = sources("src");
    let outside = sources.iter().filter(|source| source.path != "main.rs");
    let violations: Vec<String> = outside.flat_map(|source| source.finds(r"\bprocess::(exit|abort)\(")).collect();
    none(&violations, "the process is ended outside src/main.rs");
}

#[test]
fn every_resource_type_is_in_the_registry() {
    let sources = sources("src/aws/kinds");
    let registry = sources.iter().find(|source| source.path == "mod.rs").unwrap();
    let implementation = Regex::new(r"impl Resource for (\w+)").unwrap();
    let mut violations = Vec::new();
    for source in &sources {
        let module = source.path.trim_end_matches(".rs").trim_end_matches("/mod").replace('/', "::");
        for found in implementation.captures_iter(&source.code) {
            let line = format!("typed::<{module}::{}>(aws)", &found[1]);
            if !registry.code.contains(&line) {
                violations.push(format!("{}: {line}", source.path));
            }
        }
    }
    none(&violations, "a resource type lacks its line in src/aws/kinds/mod.rs");
}

#[test]
fn no_file_is_too_long() {
    let all = ["src", "tests"].into_iter().flat_map(sources);
    let long = all.filter(|source| source.lines > LONGEST);
    let violations: Vec<String> = long.map(|source| format!("{}: {} lines", source.path, source.lines)).collect();
    none(&violations, "a file holds more than one idea");
}

#[test]
fn no_test_file_is_forgotten() {
    let main = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/main.rs")).unwrap();
    let module = |path: &str| path.trim_end_matches(".rs").trim_end_matches("/mod").to_owned();
    let tests = sources("tests/it").into_iter().map(|source| module(&source.path));
    let top = tests.filter(|module| module != "main" && !module.contains('/'));
    let violations: Vec<String> = top.filter(|module| !main.contains(&format!("mod {module};"))).collect();
    none(&violations, "a file in tests/it has no line in main.rs");
}

#[test]
fn what_a_file_names_is_seen_however_it_is_spelt() {
    let violations = |path: &str, text: &str| forbidden(&Source::new(path, text)).len();
    assert_eq!(violations("ops/site.rs", "use crate::aws::Aws;"), 1);
    assert_eq!(violations("ops/site.rs", "use crate::{\n    engine::{kind, plan},\n    aws::{Aws, kinds},\n};"), 1);
    assert_eq!(violations("ops/site.rs", "fn f() { super::super::aws::go() }"), 1);
    assert_eq!(violations("ops/mod.rs", "use super::cli;"), 1);
    assert_eq!(violations("engine/plan/decide.rs", "use super::state; use super::super::aws;"), 0);
    assert_eq!(violations("ops/site.rs", "use crate::model::kind; // not crate::aws"), 0);
    assert_eq!(violations("cli/session/mod.rs", "use crate::aws::Aws;"), 0);
    assert_eq!(violations("cli/files.rs", "use crate::aws::Aws;"), 1);
    assert_eq!(violations("lib.rs", "pub use crate::aws::Aws;"), 0);
}
