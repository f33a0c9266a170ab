//! From the name of an environment to its checked [`Spec`].

mod block_names;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use self::block_names::block_names;
use super::Spec;
use super::acting::account_of_role;
use super::blocks::Blocks;
use super::check::Text;
use super::choice::choose;
use super::conform::conform;
use super::diagnostic::{Diagnostics, Report, Reported};
use super::document::Reader;
use super::edit::Edit;
use super::external::Found;
use super::groups::{self, Expanded, Work};
use super::interpolate::{Interpolated, MAX_NAME, Names, interpolate};
use super::member::{self, Member};
use super::place::{SourceSpan, Sources};
use super::schema::json_schema;
use super::sound::sound;
use super::source::{EnvFile, Source, UNKNOWN_ACCOUNT};
use super::tree::{Data, Entry, Node};
use super::written::Written;
use crate::model::scope::Scope;

/// How to load it.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The folder that has `envs/` in it; file names are shown as seen from there.
    pub root: PathBuf,
    /// Values that go before those of the files: `stream.clicks.shards=4`.
    pub set: Vec<String>,
    /// The AWS account of the caller, once it is known: twelve digits.
    pub account: Option<String>,
    /// What the blocks that are somebody else's were found to be, by address, once somebody has looked.
    pub found: BTreeMap<String, Found>,
}

/// Most blocks of an environment: its state and its plan are one file each.
const MAX_BLOCKS: usize = 5000;

/// A spec without an error in it, and what is needed to speak of its text.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The spec.
    pub spec: Spec,
    /// SHA-256, in hex, of everything that the spec says: the same for every way to write the same.
    pub digest: String,
    /// Whether `${account}` was used while the account was not known: [`UNKNOWN_ACCOUNT`] stands in its place.
    /// Good enough to validate; to plan, load again with [`Options::account`].
    pub account_missing: bool,
    file: EnvFile,
    options: Options,
    /// The tree as it is written, every block by itself.
    written: Node,
    /// The blocks that instances of groups have made, by address.
    members: BTreeMap<String, Member>,
    /// The blocks that are switched off, by address, and where that is said.
    off: BTreeMap<String, String>,
    /// The same tree, filled in.
    tree: Node,
    sources: Arc<Sources>,
    warnings: Diagnostics,
}

impl Loaded {
    /// What the spec's own checks found doubtful.
    pub fn warnings(&self) -> Report {
        self.report(self.warnings.clone())
    }

    /// The place of what a dotted path leads to: the value; where it is not written, the table that it would be in.
    pub fn place(&self, path: &str) -> SourceSpan {
        self.tree.locate(path)
    }

    /// Whether a value is written, and with a `${…}` in it, or is one of `[values]`.
    pub fn is_filled_in(&self, path: &[String]) -> bool {
        let path = member::in_tree(&self.members, path);
        let value = path.iter().try_fold(&self.tree, |node, key| node.get(key));
        value.is_some_and(|value| {
            let file = self.sources.file(value.place.file);
            let text = value.place.span.and_then(|(start, end)| file.text.get(start..end));
            file.is_value() || text.is_some_and(|text| text.contains("${"))
        })
    }

    /// The edits of a file that an edit of a block is: its own; of a block that an instance of a group has made, those of the instance.
    pub fn edits(&self, edit: Edit) -> Vec<Edit> {
        member::edits(&self.members, edit)
    }

    /// The spec as it comes to be, as a file that says the same, and as data.
    pub fn written(&self) -> Written<'_> {
        let complete = !self.account_missing;
        Written { unfilled: &self.written, filled: &self.tree, off: &self.off, sources: &self.sources, complete }
    }

    /// The environment's own file, which may extend others.
    pub fn file(&self) -> &Path {
        &self.file.path
    }

    /// What the spec would be if the environment's own file had another text.
    ///
    /// # Errors
    /// Everything that would be wrong with it.
    pub fn with_text(&self, text: String) -> Result<Self, Report> {
        let mut reader = Reader::new(&self.options.root);
        reader.instead = Some((self.file.path.clone(), text));
        finished(self.file.clone(), self.options.clone(), reader).map_err(|refusal| refusal.report)
    }

    /// A report of what somebody else has found in this spec.
    pub fn report(&self, diagnostics: Diagnostics) -> Report {
        Report::new(Arc::clone(&self.sources), diagnostics)
    }
}

/// Loads an environment: reads its files, merges, fills in, checks.
///
/// # Errors
/// Everything that is wrong with it, as far as one mistake does not hide another.
pub fn load(source: &Source, options: &Options) -> Result<Loaded, Report> {
    inspect(source, options).map_err(|refusal| refusal.report)
}

/// Loads an environment, and keeps what is sound where something is wrong with it, so that this can be looked at as well.
///
/// # Errors
/// Everything that is wrong with it, as far as one mistake does not hide another.
pub fn inspect(source: &Source, options: &Options) -> Result<Loaded, Box<Refusal>> {
    let mut reader = Reader::new(&options.root);
    if let Ok(file) = choose(source, &options.root, &mut reader) {
        return finished(file, options.clone(), reader);
    }
    let report = Report::new(Arc::new(reader.sources), reader.diagnostics);
    Err(Box::new(Refusal { report, sound: None }))
}

/// Why a spec cannot be used.
#[derive(Debug)]
pub struct Refusal {
    /// Everything that is wrong with it by itself.
    pub report: Report,
    /// The blocks of it in which, and in what they refer to, nothing is wrong; absent where its files cannot be read, or
    /// where it is not known what project and environment they belong to.
    pub sound: Option<Sound>,
}

/// What is sound in a spec that cannot be used.
#[derive(Debug)]
pub struct Sound {
    /// The spec without the rest.
    pub spec: Spec,
    tree: Node,
}

impl Sound {
    /// The place of what a dotted path leads to.
    pub fn place(&self, path: &str) -> SourceSpan {
        self.tree.locate(path)
    }
}

/// Loads an environment from the text of a file that need not be there.
///
/// # Errors
/// Everything that is wrong with it, as far as one mistake does not hide another.
pub fn load_text(file: &str, text: &str, options: &Options) -> Result<Loaded, Report> {
    let mut reader = Reader::new(&options.root);
    reader.instead = Some((file.into(), text.to_owned()));
    finished(EnvFile { path: file.into(), name: None }, options.clone(), reader).map_err(|refusal| refusal.report)
}

fn finished(file: EnvFile, options: Options, mut reader: Reader) -> Result<Loaded, Box<Refusal>> {
    let resolved = read(&file, &options, &mut reader);
    let resolved = resolved.and_then(|expanded| {
        counted(&expanded.tree, &mut reader.diagnostics)?;
        short(&expanded.tree, &mut reader.diagnostics)?;
        Ok(expanded)
    });
    let Reader { sources, mut diagnostics, .. } = reader;
    let sources = Arc::new(sources);
    let Ok(expanded) = resolved else {
        return Err(Box::new(Refusal { report: Report::new(sources, diagnostics), sound: None }));
    };
    let Expanded { tree: written, members, off, unfilled } = expanded;
    let mut tree = written.clone();
    let text = Filled { options: &options, off: &off, sources: &sources };
    let (unfilled, account_missing) = text.fill_in(&mut tree, unfilled, &mut diagnostics);
    let text = Text { tree: &tree, root: &options.root, off: &off, members: &members };
    let spec = check(text, &options.found, &unfilled, &mut diagnostics);
    let value = serde_json::to_value(&spec).map_err(|error| _ = diagnostics.error(tree.locate(""), error.to_string()));
    if let (Ok(value), false) = (value, diagnostics.has_errors()) {
        let digest = digest(&value);
        let warnings = diagnostics;
        return Ok(Loaded {
            spec,
            digest,
            account_missing,
            file,
            options,
            written,
            members,
            off,
            tree,
            sources,
            warnings,
        });
    }
    let mut wrong = diagnostics.places_of_errors();
    wrong.extend(unfilled);
    let sound = sound(spec, &tree, &wrong).map(|spec| Sound { spec, tree });
    Err(Box::new(Refusal { report: Report::new(sources, diagnostics), sound }))
}

/// The merged tree of a file and of every `--set`, with the environment's name in it, and every block of it by itself.
fn read(file: &EnvFile, options: &Options, reader: &mut Reader) -> Result<Expanded, Reported> {
    let tree = reader.read(&file.path);
    let settings: Vec<Result<Node, _>> = options.set.iter().map(|setting| reader.set(setting)).collect();
    let tree = tree?;
    let Reader { sources, diagnostics, .. } = reader;
    // One that cannot be read has been reported, and says nothing.
    let (blocks, others): (Vec<Node>, Vec<Node>) = settings.into_iter().flatten().partition(groups::of_blocks);
    for setting in &others {
        groups::makes_nothing(setting, &tree, diagnostics);
    }
    let mut tree = others.into_iter().fold(tree, Node::merge);
    name_env(&mut tree, file, diagnostics);
    let names = |tree: &Node| names(tree, options).0;
    groups::expand(tree, blocks, &names, Work::new(sources, diagnostics))
}

/// Refuses more blocks than an environment can have.
fn counted(tree: &Node, diagnostics: &mut Diagnostics) -> Result<(), Reported> {
    let tables = || Blocks::KINDS.iter().filter_map(|kind| tree.get(kind).and_then(Node::as_table));
    let count: usize = tables().map(BTreeMap::len).sum();
    if count <= MAX_BLOCKS {
        return Ok(());
    }
    let beyond = tables().flat_map(BTreeMap::values).nth(MAX_BLOCKS).map(|entry| entry.key);
    let message = format!("there are {count} blocks, and an environment has at most {MAX_BLOCKS}");
    diagnostics.error(beyond, message).help("take it apart into several environments");
    Err(Reported)
}

/// Refuses a spec whose names of project, environment and place are longer than anything in AWS: they become a part of every
/// name, and there may be thousands.
fn short(tree: &Node, diagnostics: &mut Diagnostics) -> Result<(), Reported> {
    let parts = ["project.name", "env.name", "env.region", "env.account_id"];
    let long = parts.into_iter().find_map(|path| {
        let (table, key) = path.split_once('.')?;
        let length = tree.get(table)?.get(key)?.as_str()?.len();
        (length > MAX_NAME).then_some((path, length))
    });
    let Some((path, length)) = long else { return Ok(()) };
    let message = format!("`{path}` has {length} bytes, and nothing in AWS has a name of more than {MAX_NAME}");
    diagnostics.error(tree.locate(path), message);
    Err(Reported)
}

/// Gives the environment the name of its file if it says none, and reports another than it was asked for by.
fn name_env(tree: &mut Node, file: &EnvFile, diagnostics: &mut Diagnostics) {
    let place = tree.locate("env.name");
    let Data::Table(tables) = &mut tree.data else { return };
    let Some(Entry { node: Node { data: Data::Table(env), .. }, .. }) = tables.get_mut("env") else { return };
    match (env.get("name").map(|entry| &entry.node), &file.name) {
        (None, _) => {
            let node = Node { data: Data::String(file.stem()), place };
            env.insert("name".to_owned(), Entry { key: place, node });
        }
        (Some(name), Some(asked)) if name.as_str().is_some_and(|name| name != asked) => {
            diagnostics
                .error(place, format!("this is the file of the environment `{asked}`"))
                .help("leave `name` out, or rename the file");
        }
        _ => {}
    }
}

/// What `${…}` is filled in with.
struct Filled<'a> {
    options: &'a Options,
    off: &'a BTreeMap<String, String>,
    sources: &'a Sources,
}

impl Filled<'_> {
    /// Replaces `${…}`, but in what is `unfilled` already; tells where that could not be done, and whether the account was asked for
    /// and is not known.
    fn fill_in(
        &self,
        tree: &mut Node,
        unfilled: BTreeSet<SourceSpan>,
        diagnostics: &mut Diagnostics,
    ) -> (BTreeSet<SourceSpan>, bool) {
        let (mut names, known) = names(tree, self.options);
        names.extend(block_names(tree, &names, &self.options.found));
        let names = Names { known: &names, off: self.off };
        let Interpolated { used, unfilled } = interpolate(tree, &names, unfilled, self.sources, diagnostics);
        let needs_account = used.iter().any(|name| name == "account" || name.rsplit('.').next() == Some("arn"));
        (unfilled, needs_account && !known)
    }
}

/// What `${env}` and its like stand for, and whether the account is known.
fn names(tree: &Node, options: &Options) -> (BTreeMap<String, String>, bool) {
    let written = |table: &str, key: &str| tree.get(table)?.get(key)?.as_str().map(str::to_owned);
    let account = options.account.clone().or_else(|| written("env", "account_id"));
    // A role is assumed in its own account, and nowhere else.
    let account = account.or_else(|| account_of_role(&written("env", "role_arn")?));
    let known = account.is_some();
    // What is missing is reported as such by the schema; until then its name stands for it.
    let region = written("env", "region").unwrap_or_else(|| "region".to_owned());
    let names = [
        ("partition", Scope::new("", region.as_str()).partition),
        ("region", region),
        ("project", written("project", "name").unwrap_or_else(|| "project".to_owned())),
        ("env", written("env", "name").unwrap_or_else(|| "env".to_owned())),
        ("account", account.unwrap_or_else(|| UNKNOWN_ACCOUNT.to_owned())),
    ];
    (BTreeMap::from(names.map(|(name, value)| (name.to_owned(), value))), known)
}

/// Reads the tree into the types and lets these check themselves. What does not fit the schema hides no more than itself: the
/// rest is read and checked all the same, and what the checks say of the misfits is left out.
fn check(
    text: Text<'_>,
    found_elsewhere: &BTreeMap<String, Found>,
    unfilled: &BTreeSet<SourceSpan>,
    diagnostics: &mut Diagnostics,
) -> Spec {
    let meant = conform(&json_schema(), text.tree, unfilled, text.off, diagnostics);
    let written = text.tree.to_json();
    let mut known = diagnostics.places_of_errors();
    known.extend(unfilled);
    let other_keys = known.iter().copied().filter(|place| !meant.contains_key(place)).collect();
    let mut spec = Spec::from_json(written.clone()).unwrap_or_else(|error| {
        if !diagnostics.has_errors() {
            diagnostics.error(text.tree.locate(""), error.to_string());
        }
        let as_meant = text.tree.renamed(&meant).without(&other_keys).to_json();
        Spec::readable([&written, &as_meant, &text.tree.without(&known).to_json()])
    });
    spec.blocks.found(found_elsewhere);
    let mut found = Diagnostics::default();
    spec.check(text, &mut found);
    found.forget_at(&known);
    diagnostics.append(found);
    spec
}

/// Of the text without spaces and with every table's keys in order, which is how `Value` is written.
fn digest(spec: &Value) -> String {
    hex::encode(Sha256::digest(spec.to_string()))
}
