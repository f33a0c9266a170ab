//! Modules that name one another in a circle cannot be read one by one: there are none but those that are named here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, iter};

use regex_lite::Regex;

/// The circles that there are: the folder, its modules, and why.
const KNOWN: &[(&str, &[&str], &str)] = &[
    (
        "spec",
        &[
            "blocks",
            "check",
            "declarations",
            "external",
            "filter",
            "json",
            "kms",
            "logs",
            "lookup",
            "managed",
            "metrics",
            "names",
            "notified",
            "prefix",
            "refs",
            "statement",
            "tags",
            "traffic",
            "uses",
        ],
        "a block is checked against the whole spec, which is made of blocks; whatever checks a part of one takes both",
    ),
    (
        "spec/blocks",
        &["crawler", "dataset", "firehose", "function", "job", "queue", "schedule", "snowpipe", "stream", "topic"],
        "who reads or writes the same data looks at the others: a stream at delivery streams, these at datasets and what they \
         load, jobs and crawlers and datasets at each other, a queue at its functions and at the topics that it hears",
    ),
];

/// A module, as the names that lead to it: `["spec", "blocks"]`.
type Module = Vec<String>;

/// The modules that each one names outside its tests.
fn named() -> BTreeMap<Module, BTreeSet<Module>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = BTreeMap::new();
    collect(&root, &root, &mut files);
    let of_tests = of_tests(&files);
    files.retain(|module, _| !(1..=module.len()).any(|length| of_tests.contains(&module[..length])));
    let modules: BTreeSet<Module> = files.keys().cloned().collect();
    files.iter().map(|(module, code)| (module.clone(), targets(module, code, &modules))).collect()
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<Module, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let code: String =
                text.lines().map(|line| line.split("//").next().unwrap_or_default().to_owned() + "\n").collect();
            files.insert(module(root, &path), code);
        }
    }
}

fn module(root: &Path, path: &Path) -> Module {
    let inside: PathBuf = path.strip_prefix(root).unwrap().with_extension("");
    let names = inside.iter().map(|name| name.to_str().unwrap().to_owned());
    names.filter(|name| !["mod", "lib", "main"].contains(&name.as_str())).collect()
}

/// The modules that exist for tests alone.
fn of_tests(files: &BTreeMap<Module, String>) -> BTreeSet<Module> {
    let declared =
        Regex::new(r"#\[cfg\((?:test|all\(test[^\]]*)\)\]\s*(?:pub(?:\([a-z ]+\))? )?mod ([a-z_0-9]+);").unwrap();
    let of = |(module, code): (&Module, &String)| {
        let names: Vec<String> = declared.captures_iter(code).map(|found| found[1].to_owned()).collect();
        names.into_iter().map(|name| [module.clone(), vec![name]].concat()).collect::<Vec<_>>()
    };
    files.iter().flat_map(of).collect()
}

fn targets(module: &Module, code: &str, modules: &BTreeSet<Module>) -> BTreeSet<Module> {
    let code = code.split("\nmod tests {").next().unwrap_or_default();
    let uses = Regex::new(r"\buse ([^;]+);").unwrap();
    let inline = Regex::new(r"\b(?:crate|super)(?:::\w+)+").unwrap();
    let in_uses = uses.captures_iter(code).flat_map(|found| expanded(&found[1]));
    let paths = in_uses.chain(inline.find_iter(code).map(|found| words(found.as_str())));
    let longest = |path: Vec<String>| {
        let path = absolute(module, &path, modules)?;
        (1..=path.len()).rev().map(|length| path[..length].to_vec()).find(|prefix| modules.contains(prefix))
    };
    paths.filter_map(longest).filter(|target| target != module).collect()
}

fn words(path: &str) -> Vec<String> {
    path.split("::").map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
}

/// The paths of a `use`: those of `a::{b, c::d}` are `a::b` and `a::c::d`.
fn expanded(tree: &str) -> Vec<Vec<String>> {
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for letter in tree.chars() {
        depth += i32::from(letter == '{') - i32::from(letter == '}');
        if letter == ',' && depth == 0 { parts.push(String::new()) } else { parts.last_mut().unwrap().push(letter) }
    }
    let of = |part: &String| match part.split_once('{') {
        Some((before, inner)) => {
            let inner = inner.trim_end().strip_suffix('}').unwrap_or(inner);
            expanded(inner).into_iter().map(|rest| [words(before), rest].concat()).collect()
        }
        None => vec![words(part.split(" as ").next().unwrap_or_default())],
    };
    parts.iter().flat_map(of).filter(|path: &Vec<String>| !path.is_empty()).collect()
}

/// A path from the top; none for one that leads into another crate.
fn absolute(module: &Module, path: &[String], modules: &BTreeSet<Module>) -> Option<Vec<String>> {
    let ups = path.iter().take_while(|word| *word == "super").count();
    match path.first()?.as_str() {
        "crate" => Some(path[1..].to_vec()),
        "super" => Some([&module[..module.len().checked_sub(ups)?], &path[ups..]].concat()),
        "self" => Some([module, &path[1..]].concat()),
        first => {
            let below = [module.clone(), vec![first.to_owned()]].concat();
            modules.contains(&below).then(|| [module, path].concat())
        }
    }
}

/// The circles among the modules of each folder, each as the folder and its modules.
fn circles(named: &BTreeMap<Module, BTreeSet<Module>>) -> Vec<(String, BTreeSet<String>)> {
    let folders: BTreeSet<Module> =
        named.keys().flat_map(|module| (0..module.len()).map(|length| module[..length].to_vec())).collect();
    folders.iter().flat_map(|folder| circles_in(folder, named)).collect()
}

fn circles_in(folder: &Module, named: &BTreeMap<Module, BTreeSet<Module>>) -> Vec<(String, BTreeSet<String>)> {
    let below = |module: &Module| module.strip_prefix(folder.as_slice()).and_then(|rest| rest.first()).cloned();
    let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (module, targets) in named {
        let Some(from) = below(module) else { continue };
        let to = targets.iter().filter_map(below).filter(|to| *to != from);
        edges.entry(from.clone()).or_default().extend(to);
    }
    let reach: BTreeMap<&String, BTreeSet<String>> = edges.keys().map(|from| (from, reachable(from, &edges))).collect();
    let circle = |from: &&String| -> BTreeSet<String> {
        reach[*from].iter().filter(|to| reach.get(to).is_some_and(|back| back.contains(*from))).cloned().collect()
    };
    let all: BTreeSet<BTreeSet<String>> =
        edges.keys().map(|from| circle(&from)).filter(|circle| circle.len() > 1).collect();
    all.into_iter().map(|circle| (folder.join("/"), circle)).collect()
}

fn reachable(from: &String, edges: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<String> {
    let (mut seen, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(module) = next.pop() {
        next.extend(edges.get(module).into_iter().flatten().filter(|to| seen.insert((*to).clone())));
    }
    seen
}

#[test]
fn modules_name_one_another_in_no_circle_that_has_no_reason() {
    let found: BTreeSet<(String, BTreeSet<String>)> = circles(&named()).into_iter().collect();
    let known: BTreeSet<(String, BTreeSet<String>)> = KNOWN
        .iter()
        .map(|(folder, modules, _)| ((*folder).to_owned(), modules.iter().map(ToString::to_string).collect()))
        .collect();
    let new: Vec<_> = found.difference(&known).collect();
    assert!(new.is_empty(), "these modules name one another in a circle: {new:#?}");
    let gone: Vec<_> = known.difference(&found).collect();
    assert!(gone.is_empty(), "these circles are gone, take them out of the list: {gone:#?}");
}

#[test]
fn circles_are_found_however_a_module_is_named() {
    let module = |path: &str| words(path);
    let modules: BTreeSet<Module> = ["a", "a::b", "a::c", "a::d"].map(module).into();
    let of = |name: &str, code: &str| (module(name), targets(&module(name), code, &modules));
    let named = [
        of("a", "mod b; use b::Thing;"),
        of("a::b", "use super::{Top, c::{self, X}};"),
        of("a::c", "fn f() { crate::a::d::g() }"),
        of("a::d", "use crate::a::{b::Y as Z};\nmod tests {\nuse super::c;"),
    ];
    let whole: BTreeMap<_, _> = iter::Iterator::collect(named.into_iter());
    assert_eq!(circles(&whole), [("a".to_owned(), ["b", "c", "d"].map(str::to_owned).into())]);
    let without: BTreeMap<_, _> = whole.into_iter().filter(|(name, _)| *name != module("a::d")).collect();
    assert_eq!(circles(&without), []);
}
