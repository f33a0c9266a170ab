//! What pipectl manages, written for other tools, which take it over as it is: whoever wants to leave can.
//!
//! Pure, and takes JSON in the shape of the resource kinds, as the blueprint does. [`kinds`] holds one file per type with
//! what becomes of it in each tool; `terraform` and `cloudformation` make files of that.

mod cloudformation;
mod guide;
pub mod kinds;
mod names;
mod parts;
mod references;
pub mod terraform;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use crate::catalog::Type;
use crate::model::address::Address;
use crate::model::attributes::Attributes;
use crate::model::graph::External;
use crate::model::left_alone::Path;
use crate::model::scope::Scope;
use kinds::Subject;

/// Everything that is to be exported of an environment.
#[derive(Clone, Debug)]
pub struct Estate {
    /// `[project] name`.
    pub project: String,
    /// `[env] name`.
    pub env: String,
    /// Where it is.
    pub scope: Scope,
    /// The resources, by address.
    pub resources: BTreeMap<Address, Managed>,
    /// What they use that is somebody else's, by address.
    pub externals: BTreeMap<Address, External>,
}

/// A resource as it is to be exported.
#[derive(Clone, Debug)]
pub struct Managed {
    /// Its kind: `kinesis_stream`.
    pub kind: String,
    /// Its attributes, in canonical form.
    pub attributes: Attributes,
    /// What AWS made up; null where nobody knows. A plan has the same for all of its resources.
    pub outputs: Arc<Value>,
    /// The attributes that others decide on.
    pub left_alone: Vec<Path>,
}

/// A tool that takes resources over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Terraform or OpenTofu: HCL with `import` blocks.
    Terraform,
    /// CloudFormation: a template, and the identifiers for a change set of type IMPORT.
    CloudFormation,
}

impl Target {
    /// The name of its folder.
    pub fn word(self) -> &'static str {
        match self {
            Self::Terraform => "terraform",
            Self::CloudFormation => "cloudformation",
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Terraform => "Terraform",
            Self::CloudFormation => "CloudFormation",
        })
    }
}

/// An export.
#[derive(Clone, Debug)]
pub struct Export {
    /// The files, by name.
    pub files: BTreeMap<&'static str, String>,
    /// How many of the other tool's resources are imported.
    pub imports: usize,
    /// What does not go along.
    pub left_out: Vec<LeftOut>,
    /// The commands to run in the folder.
    pub next: Vec<String>,
}

/// A resource, or an aspect of one, that the other tool does not get.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LeftOut {
    /// The resource.
    pub address: Address,
    /// The attribute; absent where it is the whole resource.
    pub attribute: Option<&'static str>,
    /// Why: one sentence without its full stop.
    pub reason: String,
}

/// Why there is no export: the formats of both tools can hold all that kinds hold, so this is a fault of pipectl.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// HCL could not be written.
    #[error("cannot write HCL")]
    Hcl(#[from] hcl::Error),
    /// YAML could not be written.
    #[error("cannot write YAML")]
    Yaml(#[from] serde_saphyr::ser::Error),
    /// JSON could not be written.
    #[error("cannot write JSON")]
    Json(#[from] serde_json::Error),
}

/// Writes an estate for another tool.
///
/// # Errors
/// When a format cannot hold what a resource has: a fault of pipectl.
pub fn export(estate: &Estate, target: Target) -> Result<Export, Error> {
    match target {
        Target::Terraform => terraform::export(estate),
        Target::CloudFormation => cloudformation::export(estate),
    }
}

impl Estate {
    /// Each resource of a type that this pipectl knows.
    fn subjects(&self) -> impl Iterator<Item = Subject<'_>> {
        self.resources.iter().filter_map(|(address, managed)| Subject::new(self, address, managed))
    }

    /// Each resource of one type.
    fn of_type(&self, one: Type) -> impl Iterator<Item = Subject<'_>> {
        let all = self.resources.iter().filter(move |(_, managed)| managed.kind == one.name());
        all.filter_map(|(address, managed)| Subject::new(self, address, managed))
    }

    /// What does not go along because it is of no type that this pipectl knows: a newer one has made it.
    fn strangers(&self) -> Vec<LeftOut> {
        let strange = self.resources.iter().filter(|(_, managed)| Type::named(&managed.kind).is_none());
        let left_out = |(address, managed): (&Address, &Managed)| LeftOut {
            address: address.clone(),
            attribute: None,
            reason: format!("this pipectl knows no type `{}`: a newer one has made it", managed.kind),
        };
        strange.map(left_out).collect()
    }
}
