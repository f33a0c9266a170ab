//! `[registry.<name>]`: a schema registry of Glue, with its schemas.

use std::collections::BTreeMap;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::files::bounded;
use crate::files::project::{Links, Project};
use crate::model::definition;
use crate::spec::Spec;
use crate::spec::check::{Block, Checks};
use crate::spec::external::{Externals, Form, Within};
use crate::spec::metrics::Metrics;
use crate::spec::names::{self, Name};
use crate::spec::tags::{self, Tags};
use crate::spec::uses::{Access, Uses};

/// A schema registry of Glue: what the records of streams look like, version by version, for those who write them and those
/// who read them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Registry {
    /// Name in AWS; absent: `<project>-<env>-<block>`. 1–255 letters, digits, `-`, `_`, `$`, `#` and `.`.
    #[serde(default)]
    pub name: Option<String>,
    /// What it is for.
    #[serde(default)]
    #[schemars(length(max = 2048))]
    pub description: String,
    /// Its schemas by name: 1–255 letters, digits, `-`, `_` and `.`.
    #[serde(default)]
    pub schemas: BTreeMap<String, Schema>,
    /// Tags, besides those of the environment.
    #[serde(default)]
    pub tags: Tags,
}

/// A schema.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Schema {
    /// The file with its definition, from the project's folder: `schemas/click.json`. At most 170,000 characters. Where it
    /// says something else, that becomes the schema's latest version; those before stay, as data names the version that it
    /// was written by. What an earlier version says cannot become the latest again: AWS makes no second version of it.
    #[schemars(length(min = 1, max = 512))]
    pub definition: String,
    /// What the definition is written in. Another is another schema, without the versions of this one.
    pub format: Format,
    /// Who has to be able to read what with a new version, by which AWS takes or refuses it.
    #[serde(default)]
    pub compatibility: Compatibility,
    /// What it describes.
    #[serde(default)]
    #[schemars(length(max = 2048))]
    pub description: String,
}

/// What a definition is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Avro's own JSON.
    Avro,
    /// JSON Schema, Draft-04, Draft-06 or Draft-07.
    Json,
    /// Protocol Buffers, proto2 or proto3.
    Protobuf,
}

/// What a new version has to be to those before (<https://docs.aws.amazon.com/glue/latest/dg/schema-registry.html>).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Compatibility {
    /// Anything.
    None,
    /// There is no new version.
    Disabled,
    /// Who reads by it reads what was written by the version before.
    #[default]
    Backward,
    /// Who reads by it reads what was written by any version before.
    BackwardAll,
    /// Who reads by the version before reads what is written by it.
    Forward,
    /// Who reads by any version before reads what is written by it.
    ForwardAll,
    /// Both, with the version before.
    Full,
    /// Both, with any version before.
    FullAll,
}

impl Format {
    /// AWS's word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Avro => "AVRO",
            Self::Json => "JSON",
            Self::Protobuf => "PROTOBUF",
        }
    }
}

impl Compatibility {
    /// AWS's word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::Disabled => "DISABLED",
            Self::Backward => "BACKWARD",
            Self::BackwardAll => "BACKWARD_ALL",
            Self::Forward => "FORWARD",
            Self::ForwardAll => "FORWARD_ALL",
            Self::Full => "FULL",
            Self::FullAll => "FULL_ALL",
        }
    }
}

/// The registry that AWS makes for schemas that name none.
const DEFAULT: &str = "default-registry";

/// The longest value of a tag.
const LONGEST: usize = 256;

impl Registry {
    /// The part of the block that a schema is.
    pub fn part(schema: &str) -> String {
        format!("schema-{schema}")
    }

    fn check_schemas(&self, block: &str, checks: &mut Checks<'_>) {
        for (name, schema) in &self.schemas {
            let path = format!("schemas.{name}");
            // Its name stands in the tag that says where it comes from, which holds neither `$` nor `#`.
            let fits = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
            if !(1..=255).contains(&name.len()) || !name.chars().all(fits) {
                checks
                    .error(&path, format!("`{name}` cannot be the name of a schema"))
                    .help("write 1 to 255 letters, digits, `-`, `_` and `.`");
            } else if format!("{}.{block}/{}", Self::KIND, Self::part(name)).len() > LONGEST {
                checks
                    .error(&path, "this schema and its block have names that are too long together")
                    .help("a tag of the schema holds both, in 256 characters: shorten one of them");
            }
            let (path, file) = (format!("{path}.definition"), &schema.definition);
            if checks.stays_inside(&path, file)
                && let Some(fault) = schema.fault(checks.root())
            {
                checks
                    .error(&path, format!("`{file}` is no definition of a schema: {fault}"))
                    .help("correct the file, or its `format`");
            }
        }
    }
}

impl Schema {
    /// What is wrong with the file, where there is one: whoever needs it says that it is missing.
    fn fault(&self, root: &Path) -> Option<String> {
        let path = Project::at(root).ok()?.inside(&self.definition, Links::Refused).ok()?;
        let text = bounded::read_text(path.as_path(), bounded::MAX_DOCUMENT).ok()?;
        definition::fault(self.format.word(), &text)
    }
}

impl Block for Registry {
    const KIND: &'static str = "registry";
    const METRICS: Metrics = Metrics::None("CloudWatch counts calls of Glue's, and nothing of one registry");
    const USES: Uses = Uses::For(&[Access::Read]);
    const EXTERNAL: Externals = Externals::ByArn(Form {
        service: "glue",
        prefix: "registry/",
        suffix: "",
        within: Within::Region,
        name: &names::REGISTRY,
        keyed: false,
    });

    fn aws_name(&self, block: &str, spec: &Spec) -> String {
        spec.name_of(block, self.name.as_ref())
    }

    fn names(&self, block: &str, spec: &Spec) -> Vec<Name> {
        vec![Name::new(&names::REGISTRY, self.aws_name(block, spec), "name")]
    }

    fn check(&self, block: &str, spec: &Spec, checks: &mut Checks<'_>) {
        if self.name.as_deref() == Some(DEFAULT) {
            checks
                .error("name", format!("`{DEFAULT}` is what AWS calls the registry of schemas that name none"))
                .help("leave `name` out, or write another one");
        }
        self.check_schemas(block, checks);
        tags::check(&self.tags, spec, checks);
    }
}
