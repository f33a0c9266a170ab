//! The desired resources of an environment, and what each needs first.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::address::Address;
use super::attributes::Attributes;
use super::left_alone::Path;

/// One AWS resource as the spec wants it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Resource {
    /// Where it stands in the spec.
    pub address: Address,
    /// The name of its kind: `kinesis_stream`.
    pub kind: String,
    /// Its full desired attributes, in the shape of its kind.
    pub attributes: Attributes,
    /// What must exist and be right before it.
    pub depends_on: BTreeSet<Address>,
    /// Whether pipectl refuses to delete or replace it.
    pub protect: bool,
    /// Whether an existing resource of the same key may be taken over.
    pub adopt: bool,
}

/// Something that exists already and is somebody else's, to which the spec refers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct External {
    /// The name of its kind: `kinesis_stream`.
    pub kind: String,
    /// CloudFormation's name for it: `AWS::Kinesis::Stream`.
    pub aws_type: String,
    /// Its ARN as policies name it; of a kind without one, its name.
    pub arn: String,
    /// Its name in AWS.
    pub name: String,
    /// The account that it is in.
    pub account: String,
    /// The KMS key that encrypts its data, as far as it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<String>,
    /// What it was found by, in words: `SSM parameter /platform/clicks`.
    pub found_by: String,
    /// What is read for its name, where that stands elsewhere: the ARN of a parameter, or of an object of S3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_from: Option<String>,
    /// The block of another environment of pipectl's that it is, where the spec names it so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Reference>,
}

/// A block of another environment of pipectl's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// `[project] name` of the other.
    pub project: String,
    /// `[env] name` of the other.
    pub env: String,
    /// Kind and name of its block: `stream.orders`.
    pub block: String,
    /// Where its state is; absent where nobody has looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Whether the other may delete it all the same.
    pub weak: bool,
    /// Whether this environment is registered there as a user of it.
    #[serde(default)]
    pub registered: bool,
}

impl Reference {
    /// Whether an apply has to register the environment there.
    pub fn is_to_be_registered(&self) -> bool {
        !self.weak && !self.registered && self.state.is_some()
    }
}

/// Something that the user should know about the plan as a whole, tied to a block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The block that it is about.
    pub address: Address,
    /// What it is: one sentence.
    pub message: String,
    /// What to do about it: a command or a setting.
    pub help: String,
}

/// How two blocks of a pipeline hang together, as its author thinks of it. What must exist first is another matter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Flow {
    /// The block that it comes from.
    pub from: Address,
    /// Where it goes.
    pub to: End,
    /// What goes.
    pub what: What,
}

/// Where a flow ends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum End {
    /// A block.
    Block(Address),
    /// Something that somebody else owns.
    Outside {
        /// What it is: `queue`.
        kind: String,
        /// What its owner calls it.
        name: String,
    },
}

impl From<Address> for End {
    fn from(block: Address) -> Self {
        Self::Block(block)
    }
}

/// What goes from one block to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// Records, objects, or word of them.
    Data,
    /// The first looks at a metric of the second.
    Watches,
    /// The first tells the second when it fires.
    Notifies,
    /// The first draws the second.
    Shows,
    /// The second must exist before the first: drawn where nothing better is known.
    Needs,
}

/// A value that AWS makes up, known once its resource exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// The address of the resource.
    pub of: Address,
    /// Which of its outputs it is: `url`.
    pub output: String,
}

/// Everything that one spec wants.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Graph {
    /// The resources, by address.
    pub resources: BTreeMap<Address, Resource>,
    /// How the blocks hang together.
    pub flows: BTreeSet<Flow>,
    /// What is still missing or worth knowing.
    pub notes: Vec<Note>,
    /// What is somebody else's, by address: nothing of it is made, changed or deleted.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub externals: BTreeMap<Address, External>,
    /// Values for `pipectl output`, by name: `stream.clicks.arn`. One that AWS makes up is an [`Output`].
    pub outputs: BTreeMap<String, Value>,
    /// The attributes that are left alone once their resource exists.
    #[serde(default)]
    pub left_alone: BTreeMap<Address, Vec<Path>>,
    /// Blocks that have got another name: the new address, and the old one.
    #[serde(default)]
    pub moved: BTreeMap<Address, Address>,
    /// Blocks that another environment of the project had: the address here, and where they come from.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub arrivals: BTreeMap<Address, Arrival>,
}

/// Where a block comes from that another environment of the project had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    /// `[env] name` of the other.
    pub env: String,
    /// Its address there.
    pub from: Address,
    /// Where the states of the other are, `s3://bucket/folder`; absent: beside this environment's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

impl Graph {
    /// Adds a resource.
    pub fn add(&mut self, resource: Resource) {
        self.resources.insert(resource.address.clone(), resource);
    }

    /// Where a resource comes from, if another environment had its block.
    pub fn arrival(&self, address: &Address) -> Option<&Arrival> {
        self.arrivals.iter().find(|(block, _)| block.covers(address)).map(|(_, arrival)| arrival)
    }

    /// The address that a resource had before its block got another name, where the spec says that it did.
    pub fn moved_from(&self, address: &Address) -> Option<Address> {
        let (new, old) = self.moved.iter().find(|(new, _)| new.covers(address))?;
        Some(if new == address { old.clone() } else { old.part(address.part_name()?) })
    }

    /// What is left alone of a resource.
    pub fn left_alone(&self, address: &Address) -> &[Path] {
        self.left_alone.get(address).map_or(&[], Vec::as_slice)
    }
}
