//! `moved`: blocks that have got another name, or come from another environment, and stay what they are in AWS.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Spec;
use super::blocks::Blocks;
use super::check::Text;
use super::diagnostic::Diagnostics;
use super::member;
use super::nearest::{listed, nearest};
use super::tree::{Data, Node};

/// A block that has got another name, or was another environment's, with all its parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Moved {
    /// What it was called: `stream.clicks`.
    #[schemars(length(min = 3, max = 60))]
    pub from: String,
    /// What it is called now: a block of this spec, of the same kind.
    #[schemars(length(min = 3, max = 60))]
    pub to: String,
    /// The environment of this project that it comes from, where that is another one; `pipectl forget` hands it over there. Its
    /// name may stay the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 32), regex(pattern = "^[a-z0-9][a-z0-9-]*$"))]
    pub env: Option<String>,
    /// Where the states of that environment are, if not beside this one's: `s3://bucket/folder`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1200), regex(pattern = "^s3://[a-z0-9][a-z0-9.-]+(/[^*?$]+)?$"))]
    pub state: Option<String>,
}

/// Checks every entry, and that each leads from one block that is gone to one that is there.
pub(super) fn check(spec: &Spec, text: Text<'_>, diagnostics: &mut Diagnostics) {
    let mut taken = (BTreeSet::new(), BTreeSet::new());
    for (index, moved) in spec.moved.iter().enumerate() {
        let entry = Entry { moved, spec, text };
        let twice = !taken.0.insert((&moved.env, &moved.from));
        let fault = if twice {
            Some(("from", format!("`{}` has moved already", moved.from), "keep the entry that is right".to_owned()))
        } else if !taken.1.insert(&moved.to) {
            let message = format!("`{}` is what another block is called already", moved.to);
            Some(("to", message, "two blocks cannot become one: keep the entry that is right".to_owned()))
        } else {
            entry.fault()
        };
        if let Some((field, message, help)) = fault {
            diagnostics.error(text.tree.locate(&format!("moved.{index}.{field}")), message).help(help);
        }
    }
}

/// The field, what is wrong, and what to do.
type Fault = (&'static str, String, String);

struct Entry<'a> {
    moved: &'a Moved,
    spec: &'a Spec,
    text: Text<'a>,
}

impl Entry<'_> {
    fn fault(&self) -> Option<Fault> {
        let Moved { from, to, .. } = self.moved;
        let (Some(old), Some(new)) = (block(from), block(to)) else {
            let (field, text) = if block(from).is_none() { ("from", from) } else { ("to", to) };
            let help = "write the kind and the name of a block: `stream.clicks`".to_owned();
            return Some((field, format!("`{}` is no block", text.escape_debug()), help));
        };
        if let Some(fault) = self.elsewhere() {
            return Some(fault);
        }
        if from == to && self.moved.env.is_none() {
            return Some(("to", format!("`{from}` has not moved"), "take the entry out".to_owned()));
        }
        if old.0 != new.0 {
            let help = "take the entry out: the one is deleted, and the other made".to_owned();
            return Some(("to", format!("a `{}` cannot become a `{}`", old.0, new.0), help));
        }
        // What another environment had has nothing to do with the blocks of this one.
        let here = || self.chain().or_else(|| self.both(old));
        let here = self.moved.env.is_none().then(here).flatten();
        here.or_else(|| self.nowhere(new)).or_else(|| self.renamed(old, new))
    }

    /// An environment that is this one, or a place without one.
    fn elsewhere(&self) -> Option<Fault> {
        let Moved { env, state, .. } = self.moved;
        let Some(env) = env else {
            let help = "name the environment that it comes from, `env = \"…\"`, or take `state` out".to_owned();
            return state
                .as_ref()
                .map(|_| ("state", "`state` says where the states of another environment are".to_owned(), help));
        };
        if *env == self.spec.env.name {
            return Some(("env", format!("`{env}` is this environment"), "take `env` out".to_owned()));
        }
        None
    }

    /// An entry that goes on from this one.
    fn chain(&self) -> Option<Fault> {
        let Moved { from, to, .. } = self.moved;
        let here = || self.spec.moved.iter().filter(|one| one.env.is_none());
        let next = |name: &str| here().find(|one| one.from == name).map(|one| one.to.as_str());
        let mut path = vec![from.as_str(), to.as_str()];
        while let Some(further) = next(path[path.len() - 1]) {
            let ring = path.contains(&further);
            path.push(further);
            if ring {
                let message = format!("the moves go round in a ring: {}", path.join(" → "));
                let help = "name each block once: what it was called, and what it is called now".to_owned();
                return Some(("to", message, help));
            }
        }
        let last = path[path.len() - 1];
        (path.len() > 2).then(|| {
            let help = format!("write one entry in place of them: `{{ from = \"{from}\", to = \"{last}\" }}`");
            ("to", format!("the moves are a chain: {}", path.join(" → ")), help)
        })
    }

    /// A block that has moved, and is still there.
    fn both(&self, (kind, name): (&str, &str)) -> Option<Fault> {
        self.declared(kind).contains(&name).then(|| {
            let message = format!("`{kind}.{name}` has not moved: this spec still has it");
            ("from", message, "take the block out, or the entry".to_owned())
        })
    }

    /// A block that is not there.
    fn nowhere(&self, (kind, name): (&str, &str)) -> Option<Fault> {
        let declared = self.declared(kind);
        (!declared.contains(&name)).then(|| {
            let help = match nearest(name, declared.iter().copied()) {
                Some(near) => format!("did you mean `{kind}.{near}`?"),
                None => format!("call the block `[{kind}.{name}]`, or take the entry out"),
            };
            ("to", format!("there is no block `{kind}.{name}`"), help)
        })
    }

    /// A block whose names in AWS would follow its own: they would be others, and so would the resources.
    fn renamed(&self, (kind, old): (&str, &str), (_, new): (&str, &str)) -> Option<Fault> {
        let block = self.text.tree.get(kind)?.get(new)?;
        let lacking: Vec<(&str, String)> = derived(kind, old, block)
            .into_iter()
            .chain(self.of_env(kind))
            .filter(|(field, _)| block.get(field).is_none())
            .collect();
        let fields = listed(lacking.iter().map(|(field, _)| *field), "and");
        let env = self.moved.env.as_deref().unwrap_or("${env}");
        let line = |(field, value): &(&str, String)| format!("`{field} = \"{}\"`", value.replace("${env}", env));
        let lines: Vec<String> = lacking.iter().map(line).collect();
        let table = member::table(self.text.members, &format!("{kind}.{new}"));
        (!lacking.is_empty()).then(|| {
            let now = if self.moved.env.is_some() { "this environment" } else { "its new name" };
            let message = format!("`{kind}.{new}` would be another resource: its {fields} would follow {now}");
            ("to", message, format!("write {} into `[{table}]`, or what it is called in AWS", lines.join(" and ")))
        })
    }

    /// The same for what follows the name of the environment alone.
    fn of_env(&self, kind: &str) -> Option<(&'static str, String)> {
        self.moved.env.as_ref()?;
        match kind {
            "api" => Some(("stage", "${env}".to_owned())),
            "publish" => Some(("path", "/${project}/${env}".to_owned())),
            _ => None,
        }
    }

    fn declared(&self, kind: &str) -> Vec<&str> {
        let blocks = self.text.tree.get(kind).and_then(Node::as_table);
        blocks.into_iter().flatten().map(|(name, _)| name.as_str()).collect()
    }
}

/// The kind and the name of a block; none where that is no kind.
fn block(address: &str) -> Option<(&str, &str)> {
    address.split_once('.').filter(|(kind, name)| {
        let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
        Blocks::KINDS.contains(kind) && name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(letters)
    })
}

/// The fields of a block that are made of its own name where they are not written, and what they were under the old one.
fn derived(kind: &str, old: &str, block: &Node) -> Vec<(&'static str, String)> {
    let fifo = block.get("fifo").is_some_and(|fifo| matches!(fifo.data, Data::Boolean(true)));
    let end = if fifo { super::blocks::queue::FIFO } else { "" };
    let is = |field: &str, value: &str| block.get(field).and_then(Node::as_str) == Some(value);
    // What pipectl does not make has no name of its own.
    let external = is("access", "external");
    let mut all = Vec::new();
    let name = match kind {
        "dataset" => Some(old.replace('-', "_")),
        // What `-` in the names of project and environment become, their author knows best.
        "catalog" => Some(format!("${{project}}_${{env}}_{}", old.replace('-', "_"))),
        "publish" => None,
        _ => Some(format!("${{project}}-${{env}}-{old}{end}")),
    };
    all.extend(name.filter(|_| !external).map(|name| ("name", name)));
    if kind == "athena" {
        all.push(("results_prefix", format!("athena/{old}/")));
    }
    if kind == "snowpipe" {
        if block.get("queue_arn").is_some() {
            all.push(("notification_id", format!("pipectl-${{env}}-{old}")));
        }
        if is("access", "user") {
            all.push(("parameter", format!("/${{project}}/${{env}}/{old}/access-key")));
        }
    }
    all
}
