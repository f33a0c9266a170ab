//! The pipeline as its author thinks of it: blocks, and what goes between them; from a plan, with what changes.

pub mod dot;
mod layout;
pub mod mermaid;
pub mod svg;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::style;
use crate::engine::plan::{Action, Change};
use crate::engine::planfile::Plan;
use crate::model::address::Address;
use crate::model::graph::{End, External, Flow, Graph, What};
use crate::model::kind::Registry;
use crate::ops::amount::counted;

/// Blocks, and what goes between them; in order of their ids, so that it is the same every time.
#[derive(Clone, Debug, Serialize)]
pub struct Drawing {
    /// Project and environment.
    pub title: String,
    /// The blocks, and what is outside.
    pub nodes: Vec<Node>,
    /// What goes between them.
    pub edges: Vec<Edge>,
}

/// A block, or something outside that a flow ends in.
#[derive(Clone, Debug, Serialize)]
pub struct Node {
    /// Unique in the drawing: `stream.clicks`; of what is outside, kind and name.
    pub id: String,
    /// `stream`.
    pub kind: String,
    /// `clicks`.
    pub name: String,
    /// What AWS knows it by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aws_name: Option<String>,
    /// Whether somebody else owns it.
    pub outside: bool,
    /// Its resources, in order of address.
    pub resources: Vec<Part>,
}

/// A resource of a block.
#[derive(Clone, Debug, Serialize)]
pub struct Part {
    /// Where it stands in the spec.
    pub address: Address,
    /// CloudFormation's name of its kind.
    pub aws_type: String,
    /// What it is found by.
    pub key: String,
    /// What the plan does to it; absent without a plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// Whether somebody else has changed it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub drifted: bool,
}

/// What goes from one node to another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Edge {
    /// The id of the node that it comes from.
    pub from: String,
    /// The id of the node that it goes to.
    pub to: String,
    /// What goes.
    pub what: What,
}

/// What a plan does to the resources of a block, in a sign and a word: `± replace 1 of 4`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The name of the action, or `drift`: the class that colours it.
    pub class: &'static str,
    /// Sign, word, and how many, where not all.
    pub text: String,
}

impl Drawing {
    /// What a spec comes to.
    pub fn of_graph(title: String, graph: &Graph, registry: &Registry) -> Self {
        let parts = graph.resources.values().filter_map(|resource| {
            let kind = registry.get(&resource.kind)?;
            Some(Part {
                address: resource.address.clone(),
                aws_type: kind.aws_type().to_owned(),
                key: kind.key(&resource.attributes).ok()?,
                action: None,
                drifted: false,
            })
        });
        let needs = graph.resources.values().map(|resource| (&resource.address, resource.depends_on.iter()));
        let needs = needs.flat_map(|(one, needed)| needed.map(move |other| (one, other)));
        Self::new(title, parts, (&graph.flows, &graph.externals), needs)
    }

    /// What a plan is about, with what it changes; blocks that it deletes are there too.
    pub fn of_plan(plan: &Plan) -> Self {
        let changes = &plan.changes.0;
        let part = |change: &Change| Part {
            address: change.address.clone(),
            aws_type: change.aws_type.clone(),
            key: change.key.clone(),
            action: Some(change.action),
            drifted: !change.drift.is_empty(),
        };
        let needs = changes.iter().map(|one| (&one.address, one.depends_on.iter().chain(&one.depended_on)));
        let needs = needs.flat_map(|(one, needed)| needed.map(move |other| (one, other)));
        Self::new(
            format!("{} {}", plan.project, plan.env),
            changes.iter().map(part),
            (&plan.flows, &plan.externals),
            needs,
        )
    }

    fn new<'a>(
        title: String,
        parts: impl Iterator<Item = Part>,
        (flows, externals): (&BTreeSet<Flow>, &BTreeMap<Address, External>),
        needs: impl Iterator<Item = (&'a Address, &'a Address)>,
    ) -> Self {
        let mut nodes: BTreeMap<String, Node> = BTreeMap::new();
        for part in parts {
            let node = Node::block(&part.address);
            nodes.entry(node.id.clone()).or_insert(node).resources.push(part);
        }
        let mut edges = BTreeSet::new();
        for Flow { from, to, what } in flows {
            let (from, to) = (Node::block(from), Node::end(to));
            edges.insert(Edge { from: from.id.clone(), to: to.id.clone(), what: *what });
            for node in [from, to] {
                nodes.entry(node.id.clone()).or_insert(node);
            }
        }
        for (address, external) in externals {
            let node = Node::block(address);
            let node = nodes.entry(node.id.clone()).or_insert(node);
            (node.outside, node.aws_name) = (true, Some(external.name.clone()));
        }
        let flowing: BTreeSet<&String> = edges.iter().flat_map(|edge| [&edge.from, &edge.to]).collect();
        // What is no longer in the spec has no flow that anybody knows.
        let unknown = needs.map(|(one, other)| (one.block_name().to_owned(), other.block_name().to_owned()));
        let unknown = unknown.filter(|(one, other)| {
            one != other && nodes.contains_key(other) && !(flowing.contains(one) && flowing.contains(other))
        });
        let unknown: Vec<Edge> = unknown.map(|(from, to)| Edge { from, to, what: What::Needs }).collect();
        edges.extend(unknown);
        for node in nodes.values_mut() {
            node.aws_name = node.aws_name().or_else(|| node.aws_name.take());
        }
        Self { title, nodes: nodes.into_values().collect(), edges: edges.into_iter().collect() }
    }

    /// Where a node is in the list; every edge leads to one.
    fn index(&self, id: &str) -> usize {
        self.nodes.binary_search_by(|node| node.id.as_str().cmp(id)).unwrap_or_default()
    }
}

impl Node {
    fn block(address: &Address) -> Self {
        let id = address.block_name().to_owned();
        let (kind, name) = id.split_once('.').unwrap_or((&id, ""));
        let (kind, name) = (kind.to_owned(), name.to_owned());
        Self { id, kind, name, aws_name: None, outside: false, resources: Vec::new() }
    }

    fn end(end: &End) -> Self {
        match end {
            End::Block(address) => Self::block(address),
            End::Outside { kind, name } => {
                let (id, kind, name) = (format!("{kind} {name}"), kind.clone(), name.clone());
                Self { id, kind, name, aws_name: None, outside: true, resources: Vec::new() }
            }
        }
    }

    /// The name of its own resource; of a block that has none, of a part whose key is a name and no more.
    fn aws_name(&self) -> Option<String> {
        let own = self.resources.iter().find(|part| part.address.to_string() == self.id);
        let part = own.or_else(|| self.resources.iter().find(|part| !part.key.contains('|')));
        part.map(|part| part.key.clone())
    }

    /// `4 resources`; nothing of a block that is one resource, nor of what is outside.
    pub fn extent(&self) -> Option<String> {
        match self.resources.len() {
            0 if !self.outside => Some("no resources yet".to_owned()),
            0 | 1 => None,
            count => Some(counted(count as u64, "resource")),
        }
    }

    /// What a box says, line by line, where it is nothing but lines.
    fn lines(&self) -> Vec<String> {
        let head = format!("{} {}", self.kind, self.name);
        let marks = self.marks().into_iter().map(|mark| mark.text);
        [Some(head), self.aws_name.clone(), self.extent()].into_iter().flatten().chain(marks).collect()
    }

    /// What a plan does to it, the worst first.
    pub fn marks(&self) -> Vec<Mark> {
        let mut counts: BTreeMap<Action, usize> = BTreeMap::new();
        for action in self.resources.iter().filter_map(|part| part.action).filter(|action| *action != Action::None) {
            *counts.entry(action).or_default() += 1;
        }
        let acts = counts.into_iter().map(|(action, count)| {
            let (sign, word, _) = style::action(action);
            self.mark(style::class(action), &format!("{sign} {word}"), count)
        });
        let drifted = self.resources.iter().filter(|part| part.drifted).count();
        let drift = (drifted > 0).then(|| self.mark("drift", "! drift", drifted));
        acts.chain(drift).collect()
    }

    fn mark(&self, class: &'static str, what: &str, count: usize) -> Mark {
        let all = self.resources.len();
        let text = if count == all { what.to_owned() } else { format!("{what} {count} of {all}") };
        Mark { class, text }
    }

    /// The class of the worst of its marks; empty without a mark.
    pub fn class(&self) -> &'static str {
        self.marks().first().map_or("", |mark| mark.class)
    }
}

impl Edge {
    /// `alarm.lag watches stream.clicks`.
    pub fn sentence(&self) -> String {
        let verb = match self.what {
            What::Data => "feeds",
            What::Watches => "watches",
            What::Notifies => "notifies",
            What::Shows => "shows",
            What::Needs => "needs",
        };
        format!("{} {verb} {}", self.from, self.to)
    }
}
