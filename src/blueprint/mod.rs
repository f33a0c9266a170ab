//! From a [`Spec`] to the [`Graph`] of the AWS resources that it wants: names, ARNs, policies and edges worked out.
//!
//! Pure: the same spec in the same account and region is the same graph. One file per block kind; what a file emits are
//! resources in the shape of their types, so that this part needs to know nothing of AWS's API.

mod alarm;
mod api;
mod athena;
mod borders;
mod bucket;
mod catalog;
mod crawler;
mod dashboard;
mod dataset;
mod external;
mod failures;
mod firehose;
mod function;
mod job;
mod key;
mod left_alone;
mod limits;
mod metric;
mod page;
mod policy;
mod publish;
mod queue;
mod registry;
mod resolved;
mod role;
mod schedule;
mod secret;
mod security_group;
mod snowflake;
mod snowpipe;
mod sources;
mod stream;
mod subnet;
mod table;
#[cfg(test)]
mod tests;
mod topic;
mod workflow;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use self::page::Page;
use self::resolved::Resolved;
use crate::catalog::external::Subject;
use crate::catalog::{Resource as Typed, Type, iam_role, logs_group};
use crate::model::address::Address;
use crate::model::graph::{Arrival, End, Flow, Graph, Note, Output, Resource, What};
use crate::model::policy::Policy;
use crate::model::scope::Scope;
use crate::spec::blocks::{self, Kind, every_block};
use crate::spec::external::Externals;
use crate::spec::tags::Tags;
use crate::spec::uses::Use;
use crate::spec::{Block, Declared, Ref, Spec};

pub(crate) use api::service;
pub use borders::{Misfit, misfits};
pub use left_alone::{FieldMeaning, attributes, meaning, meanings};
pub use limits::over_limits;
pub use snowflake::sql;

/// The resources that a spec wants in an account and region.
///
/// The spec must have been loaded without errors: references lead somewhere, names are of a legal form.
pub fn build(spec: &Spec, scope: &Scope) -> Graph {
    let mut graph = Graph::default();
    macro_rules! build {
        ($($kind:ident::$block:ident),* $(,)?) => { $(each(spec.blocks.$kind.own(), spec, scope, &mut graph);)* };
    }
    every_block!(build!);
    graph.externals = external::used(spec, scope);
    let block = |address: &str| address.split_once('.').map(|(kind, name)| Address::block(kind, name));
    for moved in &spec.moved {
        let (Some(to), Some(from)) = (block(&moved.to), block(&moved.from)) else { continue };
        match moved.env.clone() {
            None => _ = graph.moved.insert(to, from),
            Some(env) => _ = graph.arrivals.insert(to, Arrival { env, from, state: moved.state.clone() }),
        }
    }
    graph
}

fn each<B: Build>(blocks: &BTreeMap<String, Declared<B>>, spec: &Spec, scope: &Scope, graph: &mut Graph) {
    for (name, declared) in blocks {
        let Declared { block, protect, adopt, ignore: _ } = declared;
        let address = Address::block(B::KIND, name);
        let protect = *protect || spec.env.protect;
        let mut site = BuildContext { spec, scope, name, address, protect, adopt: *adopt, graph: &mut *graph };
        block.build(&mut site);
    }
}

/// What a block becomes.
trait Build: Block {
    /// The type of the resource that the block itself stands for; absent for one that has nothing but parts.
    const TYPE: Option<Type>;

    /// Adds its resources to the graph.
    fn build(&self, site: &mut BuildContext<'_>);

    /// The KMS key that encrypts its data, for which whoever reads or writes that needs a permission.
    fn key(&self) -> Option<&str>;

    /// What a function has to be allowed for a use of such a block; only those are asked for that [`Block::USES`] names.
    /// `own` is absent for one that is somebody else's.
    fn allow(_own: Option<&Self>, _used: &Resolved, _asked: &Use, _spec: &Spec, _scope: &Scope) -> Vec<Value> {
        Vec::new()
    }

    /// Draws its graphs on a dashboard: for every block that emits metrics. `own` is absent for one that is somebody else's.
    fn draw(_own: Option<&Self>, _name: &str, _page: &mut Page<'_>) {}
}

/// The type of the resource that a block of a kind itself stands for; absent for one that has nothing but parts.
pub(crate) fn own_type(kind: Kind) -> Option<Type> {
    macro_rules! own {
        ($($room:ident::$block:ident),* $(,)?) => {
            match kind { $(Kind::$block => <blocks::$room::$block as Build>::TYPE),* }
        };
    }
    every_block!(own!)
}

/// What an external block of a kind is in AWS; absent for a kind that stands for nothing there.
pub(crate) fn subject(kind: Kind) -> Option<Subject> {
    match own_type(kind) {
        Some(one) => Some(Subject::Resource(one)),
        None => Subject::ALONE.into_iter().find(|subject| subject.block() == Some(kind.name())),
    }
}

/// Where a block is built: what is known around it, and the graph that it goes to.
struct BuildContext<'a> {
    spec: &'a Spec,
    scope: &'a Scope,
    /// The block's name: `clicks`.
    name: &'a str,
    /// The block's address: `firehose.clicks`.
    address: Address,
    protect: bool,
    adopt: bool,
    graph: &'a mut Graph,
}

impl BuildContext<'_> {
    /// Adds the resource that the block itself stands for.
    fn add(&mut self, resource: impl Into<Typed>, depends_on: impl IntoIterator<Item = Address>) {
        self.add_at(self.address.clone(), &resource.into(), depends_on);
    }

    /// Adds another part of the block, and returns its address.
    fn add_part(
        &mut self,
        part: &str,
        resource: impl Into<Typed>,
        depends_on: impl IntoIterator<Item = Address>,
    ) -> Address {
        let address = self.address.part(part);
        self.add_at(address.clone(), &resource.into(), depends_on);
        address
    }

    /// Adds a log group as a part of the block, and returns its address.
    fn add_log_group(&mut self, part: &str, name: String, days: u32, own: &Tags) -> Address {
        let tags = self.part_tags(part, own);
        self.add_part(part, logs_group::Spec { name, retention_days: Some(days), kms_key: None, tags }, [])
    }

    /// A role of the block, which the principal of a trust statement takes on; `policy` is its one inline policy, by name.
    fn role(
        &self,
        name: &str,
        description: String,
        trust: Value,
        policy: (&str, &Value),
        own: &Tags,
    ) -> iam_role::Spec {
        iam_role::Spec {
            description,
            policies: BTreeMap::from([(policy.0.to_owned(), Policy::new(policy.1))]),
            permissions_boundary: self.boundary(),
            tags: self.part_tags("role", own),
            ..iam_role::Spec::new(name, Policy::new(&policy::document([trust])))
        }
    }

    /// A role of the block as which Glue runs it, for this account alone.
    fn glue_role(&self, name: &str, policy: (&str, &Value), own: &Tags) -> iam_role::Spec {
        let trust = json!({
            "Effect": "Allow",
            "Principal": { "Service": "glue.amazonaws.com" },
            "Action": "sts:AssumeRole",
            "Condition": { "StringEquals": { "aws:SourceAccount": self.scope.account } },
        });
        self.role(name, format!("Lets Glue run {} of {}", self.address, self.spec.env.name), trust, policy, own)
    }

    fn add_at(&mut self, address: Address, resource: &Typed, depends_on: impl IntoIterator<Item = Address>) {
        self.graph.add(Resource {
            address,
            kind: resource.of_type().name().to_owned(),
            attributes: resource.attributes().into(),
            depends_on: depends_on.into_iter().filter(|needed| !self.is_external(needed)).collect(),
            protect: self.protect,
            adopt: self.adopt,
        });
    }

    /// Whether an address is that of a block that is somebody else's: there is nothing to wait for.
    fn is_external(&self, address: &Address) -> bool {
        let (kind, name) = address.block_name().split_once('.').unwrap_or_default();
        Kind::named(kind).is_some_and(|kind| self.spec.blocks.external(kind, name).is_some())
    }

    /// What a reference leads to.
    fn resolve<T>(&self, block: &Ref<T>) -> Resolved {
        resolved::of(block, self.spec, self.scope)
    }

    /// The block's own ARN, of a kind whose blocks have one that follows from their names.
    fn arn<B: Build>(&self, block: &B) -> String {
        let name = block.aws_name(self.name, self.spec);
        match B::EXTERNAL {
            Externals::ByArn(form) => form.arn(&name, self.scope),
            Externals::ByName(_) | Externals::Never(_) => name,
        }
    }

    /// The name that the block had when its resources got their names: another one, where the spec says that it has moved.
    fn first_name(&self) -> &str {
        let own = self.address.to_string();
        let moved = self.spec.moved.iter().find(|moved| moved.to == own);
        moved.and_then(|moved| moved.from.split_once('.')).map_or(self.name, |(_, name)| name)
    }

    /// The tags of the block's own resource: the environment's, the block's (which win), and those that say whose it is.
    fn tags(&self, own: &Tags) -> Tags {
        self.tags_of(&self.address, own)
    }

    /// The same for another part of the block.
    fn part_tags(&self, part: &str, own: &Tags) -> Tags {
        self.tags_of(&self.address.part(part), own)
    }

    fn tags_of(&self, address: &Address, own: &Tags) -> Tags {
        let mut tags = self.spec.env.tags.clone();
        tags.extend(own.clone());
        tags.insert("pipectl:project".to_owned(), self.spec.project.name.clone());
        tags.insert("pipectl:env".to_owned(), self.spec.env.name.clone());
        tags.insert("pipectl:address".to_owned(), address.to_string());
        tags
    }

    /// What bounds the roles and users of the environment.
    fn boundary(&self) -> Option<String> {
        self.spec.env.permissions_boundary.clone()
    }

    /// What a function has to be allowed for the use of another block. A spec whose references lead nowhere is not built.
    fn allow(&self, used: &Use) -> Vec<Value> {
        let own = &self.spec.blocks;
        let Some(kind) = Kind::named(&used.kind).filter(|kind| kind.uses().allowed().contains(&used.access)) else {
            return Vec::new();
        };
        let resolved = resolved::resolve(kind, &used.name, self.spec, self.scope);
        macro_rules! allow {
            ($($room:ident::$block:ident),* $(,)?) => {
                match kind {
                    $(Kind::$block => {
                        let own = own.$room.own().get(&used.name).map(|declared| &declared.block);
                        <blocks::$room::$block as Build>::allow(own, &resolved, used, self.spec, self.scope)
                    })*
                }
            };
        }
        every_block!(allow!)
    }

    /// Says how two blocks hang together.
    fn flow(&mut self, from: Address, what: What, to: impl Into<End>) {
        self.graph.flows.insert(Flow { from, to: to.into(), what });
    }

    /// Adds a value for `pipectl output`, under the block's address: `stream.clicks.arn`.
    fn output(&mut self, name: &str, value: impl Into<Value>) {
        self.graph.outputs.insert(format!("{}.{name}", self.address), value.into());
    }

    /// The same for what AWS makes up: an output of one of its resources.
    fn output_of(&mut self, name: &str, resource: &Address, output: &str) {
        self.output(name, json!(Output { of: resource.clone(), output: output.to_owned() }));
    }

    /// Tells the user what is still missing, and what to do about it.
    fn note(&mut self, message: impl Into<String>, help: impl Into<String>) {
        let note = Note { address: self.address.clone(), message: message.into(), help: help.into() };
        self.graph.notes.push(note);
    }
}
