//! The search: fields of a block, values that might do, and what becomes of each.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::{Drift, Left, Why};
use crate::blueprint;
use crate::engine::accept::{Path, at, differences};
use crate::model::address::Address;
use crate::model::graph::{Graph, Resource};
use crate::ops::Site;
use crate::ops::site::canonical;
use crate::policy::{Violation, violations};
use crate::spec::Loaded;
use crate::spec::edit::Edit;
use crate::spec::fields::{Field, fields};

/// The values in which a graph is not as wanted.
pub(super) type Apart = BTreeSet<(Address, Path)>;

/// Where a search stands.
#[derive(Clone, Debug)]
pub(super) struct Stand {
    /// The text of the environment's own file.
    pub(super) text: String,
    /// What has been done to it.
    pub(super) edits: Vec<Edit>,
    /// The resources that the spec then comes to.
    pub(super) graph: Graph,
    /// What is still apart from the goal.
    pub(super) apart: Apart,
    /// The rule of `[policy]` that it breaks, and the spec as it is does not.
    breach: Option<String>,
}

impl Stand {
    /// Whether it is nearer to the goal in some values, and further from it in none.
    fn is_nearer_than(&self, other: &Self) -> bool {
        self.breach.is_none() && self.apart.is_subset(&other.apart) && self.apart != other.apart
    }
}

/// What is searched for.
pub(super) struct Search<'a> {
    site: &'a Site,
    loaded: &'a Loaded,
    graph: &'a Graph,
    /// The attributes of the resources that are to be other than the spec says so far.
    goal: BTreeMap<Address, Value>,
    /// The rules of `[policy]` that the spec breaks already.
    broken: Vec<Violation>,
    /// The fields of the block kinds that came up.
    fields: RefCell<BTreeMap<String, Vec<Field>>>,
}

impl<'a> Search<'a> {
    pub(super) fn new(site: &'a Site, loaded: &'a Loaded, graph: &'a Graph, goal: BTreeMap<Address, Value>) -> Self {
        Self { site, loaded, graph, goal, broken: violations(&loaded.spec, graph), fields: RefCell::default() }
    }

    /// Where the search begins: with the spec as it is.
    pub(super) fn start(&self, text: String) -> Stand {
        let graph = self.graph.clone();
        let apart = self.apart(&graph);
        Stand { text, edits: Vec::new(), graph, apart, breach: None }
    }

    /// As far as edits lead, each of which brings the spec nearer.
    pub(super) fn run(&self, mut stand: Stand) -> Stand {
        while let Some(nearer) = self.nearer(&stand) {
            stand = nearer;
        }
        stand
    }

    /// One edit further; or two of one block, for an alarm's threshold stands in its description as well.
    fn nearer(&self, stand: &Stand) -> Option<Stand> {
        let mut detours = Vec::new();
        for edit in self.allowed(stand) {
            match self.tried(stand, edit) {
                Some(next) if next.is_nearer_than(stand) => return Some(next),
                Some(next) if !next.apart.is_superset(&stand.apart) => detours.push(next),
                _ => {}
            }
        }
        detours.iter().find_map(|detour| {
            let block = detour.edits.last().map_or(&[][..], |edit| edit.block());
            let second = self.allowed(detour).into_iter().filter(|edit| edit.block() == block);
            second.filter_map(|edit| self.tried(detour, edit)).find(|next| next.is_nearer_than(stand))
        })
    }

    /// Why each value that is still apart cannot be accepted.
    pub(super) fn left(&self, stand: &Stand) -> Vec<Left> {
        let left = stand.apart.iter().map(|(address, path)| {
            let why = self.why(stand, address, path);
            Left { drift: Drift { address: address.clone(), path: path.clone() }, why }
        });
        left.collect()
    }

    fn why(&self, stand: &Stand, address: &Address, path: &Path) -> Why {
        let here = (address.clone(), path.clone());
        let tried = self.edits(address, path).into_iter();
        let tried = tried.filter_map(|edit| Some((edit.clone(), self.tried(stand, edit)?)));
        let found = tried.filter(|(_, next)| !next.apart.contains(&here)).min_by_key(|(_, next)| next.apart.len());
        let Some((edit, next)) = found else { return Why::Derived };
        if self.loaded.is_filled_in(&edit.path) {
            return Why::FilledIn(edit);
        }
        if let Some(rule) = next.breach {
            return Why::Rule(edit, rule);
        }
        let others: BTreeSet<&Address> = next.apart.difference(&stand.apart).map(|(address, _)| address).collect();
        Why::Besides(edit, others.into_iter().cloned().collect())
    }

    /// Every edit that might bring the spec nearer, and overwrites nothing that is worked out.
    fn allowed(&self, stand: &Stand) -> Vec<Edit> {
        let mut all: Vec<Edit> = Vec::new();
        for edit in stand.apart.iter().flat_map(|(address, path)| self.edits(address, path)) {
            if !all.contains(&edit) && !self.loaded.is_filled_in(&edit.path) {
                all.push(edit);
            }
        }
        all
    }

    /// Every edit of its block that might make one value right, those of a field of the same name first.
    fn edits(&self, address: &Address, path: &Path) -> Vec<Edit> {
        let (kind, name) = address.block_name().split_once('.').unwrap_or_default();
        let (attribute, key) = (path.first(), path.last().map_or("", String::as_str));
        let value = at(self.wanted(address), path);
        let mut known = self.fields.borrow_mut();
        let mut fields: Vec<&Field> = known.entry(kind.to_owned()).or_insert_with(|| fields(kind)).iter().collect();
        fields.sort_by_key(|field| field.path.last().is_none_or(|last| last != key) && field.path.first() != attribute);
        let edits = fields.into_iter().flat_map(|field| field.edits([kind, name], key, value));
        edits.flat_map(|edit| self.loaded.edits(edit)).collect()
    }

    /// What comes of an edit; nothing where the spec would not be valid, or would want other resources.
    fn tried(&self, stand: &Stand, edit: Edit) -> Option<Stand> {
        let text = edit.apply(&stand.text).ok().filter(|text| *text != stand.text)?;
        let loaded = self.loaded.with_text(text.clone()).ok()?;
        // No edit makes a command run, and no code is compared.
        let built = blueprint::build(&loaded.spec, &self.site.scope);
        let fits = blueprint::over_limits(&built).is_empty();
        let mut graph = canonical(&self.site.registry, built).ok().filter(|graph| fits && self.is_alike(graph))?;
        // No edit changes what is left alone, and what is planned of the edited spec leaves it alone as well.
        graph.left_alone.clone_from(&self.graph.left_alone);
        let apart = self.apart(&graph);
        let breach = violations(&loaded.spec, &graph).into_iter().find(|violation| !self.broken.contains(violation));
        let breach = breach.map(|violation| violation.message);
        let edits = stand.edits.iter().cloned().chain([edit]).collect();
        Some(Stand { text, edits, graph, apart, breach })
    }

    /// Whether a graph has the same resources as the spec has now, whatever their attributes.
    fn is_alike(&self, graph: &Graph) -> bool {
        let bare = |resource: &Resource| Resource { attributes: Arc::default(), ..resource.clone() };
        graph.outputs == self.graph.outputs
            && graph.resources.values().map(bare).eq(self.graph.resources.values().map(bare))
    }

    fn apart(&self, graph: &Graph) -> Apart {
        let of = |resource: &Resource| {
            let address = resource.address.clone();
            let paths = differences(&resource.attributes, self.wanted(&address));
            paths.into_iter().map(move |path| (address.clone(), path))
        };
        graph.resources.values().flat_map(of).collect()
    }

    /// What a resource is to be like.
    fn wanted(&self, address: &Address) -> &Value {
        let now = || self.graph.resources.get(address).map_or(&Value::Null, |resource| &resource.attributes);
        self.goal.get(address).unwrap_or_else(now)
    }
}
