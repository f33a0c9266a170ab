//! Schemas in a registry of Glue's: what the data of a stream looks like, version by version.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ResourceType;
use crate::catalog::facets::{AtRest, Import, Metrics, Price, Status, Takes};
use crate::files::content;
use crate::model::access::Access::Nothing;
use crate::model::access::Rules;
use crate::model::audit::{AuditEvents, Update};
use crate::model::definition::{self, means_the_same};
use crate::model::grant::{Grant, On};
use crate::model::kind::Ownership;
use crate::model::tags::Tags;

/// A schema in a registry of Glue's. Another definition is another version of it; those before stay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name of the registry.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) registry: String,
    /// Name, unique in the registry; 1–255 letters, digits, `-`, `_`, `$`, `#` and `.`.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// `AVRO`, `JSON` or `PROTOBUF`.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) format: String,
    /// What AWS checks a new version against: `NONE`, `DISABLED` (there is no new version), `BACKWARD`, `BACKWARD_ALL`, `FORWARD`,
    /// `FORWARD_ALL`, `FULL` or `FULL_ALL`.
    pub(crate) compatibility: String,
    /// Description; at most 2,048 characters.
    #[serde(default)]
    pub(crate) description: String,
    /// The file with its definition, from the project's folder.
    #[serde(default)]
    #[schemars(extend("x-unread" = true))]
    pub(crate) file: Option<String>,
    /// Its definition, of the latest version, which is that of the file; 1–170,000 characters. Absent where the file was not
    /// looked at: then it is not compared.
    #[serde(default)]
    #[schemars(extend("x-computed" = true, "x-files" = true))]
    pub(crate) definition: Option<String>,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Tags,
}

/// What AWS makes up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Outputs {
    /// ARN of the schema.
    pub(crate) arn: String,
    /// Number of its latest version.
    pub(crate) version: u64,
}

/// The compatibility of a schema that takes no new version.
pub(crate) const DISABLED: &str = "DISABLED";
/// The compatibility of a schema whose new versions nobody checks.
const UNCHECKED: &str = "NONE";

/// Schemas in a registry of Glue's.
pub(crate) struct RegistrySchema;

/// Of a schema AWS asks for its registry as well
/// (<https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsglue.html>).
const WITHIN: On = On::Arns(&[
    "arn:{partition}:glue:{region}:{account}:registry/{registry}",
    "arn:{partition}:glue:{region}:{account}:schema/{registry}/{name}",
]);
const SCHEMA: On = On::Arns(&["arn:{partition}:glue:{region}:{account}:schema/{registry}/{name}"]);

const UPDATED: &[&str] = &["glue:UpdateSchema"];

impl ResourceType for RegistrySchema {
    const KIND: &'static str = "glue_schema";
    const AWS_TYPE: &'static str = "AWS::Glue::Schema";
    const OWNERSHIP: Ownership = Ownership::Tags;
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["glue:GetSchema", "glue:GetSchemaVersion"], WITHIN),
        Grant::plan(&["glue:GetTags"], SCHEMA),
        Grant::apply(
            &["glue:CreateSchema", "glue:DeleteSchema", "glue:RegisterSchemaVersion", "glue:UpdateSchema"],
            WITHIN,
        ),
        Grant::apply(&["glue:TagResource", "glue:UntagResource"], SCHEMA),
    ];
    const AUDIT_EVENTS: &'static AuditEvents = &AuditEvents {
        named_by: &[1],
        create: &["glue:CreateSchema"],
        delete: &["glue:DeleteSchema", "glue:DeleteRegistry"],
        update: &[
            Update::new("compatibility", UPDATED).saying("compatibility"),
            Update::new("definition", &["glue:DeleteSchemaVersions", "glue:RegisterSchemaVersion"]),
            Update::new("description", UPDATED).saying("description"),
            Update::new("tags", &["glue:TagResource", "glue:UntagResource"]),
        ],
    };
    const ACCESS: &'static Rules = &Rules {
        returns: false,
        attributes: &[(
            Nothing,
            &["registry", "name", "format", "compatibility", "description", "file", "definition", "tags"],
        )],
    };
    const PRICE: Price = Price::None("Glue keeps schemas for nothing");
    const IMPORT: Import = Import::None("its definition would have to become a file of the project");
    const STATUS: Status = Status::Exists("it is a text that producers and consumers ask for");
    const METRICS: Metrics = Metrics::None("CloudWatch counts calls of Glue's, and nothing of one schema");
    const EXAMPLES: &'static str = include_str!("glue_schema.toml");
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        format!("{}|{}", spec.registry, spec.name)
    }

    fn at_rest(_spec: &Spec) -> AtRest {
        AtRest::Nothing("it keeps a description of data, and no data")
    }

    fn takes(_spec: &Spec) -> Takes {
        Takes::None("no call of Glue's tells how many versions there may be")
    }

    fn resolve_local_files(spec: &mut Spec) -> std::result::Result<(), String> {
        let Some(file) = &spec.file else { return Ok(()) };
        let bytes = content::read(file).map_err(|error| error.to_string())?.bytes;
        let text = String::from_utf8(bytes).map_err(|_| format!("`{file}` is no text in UTF-8"))?;
        if let Some(fault) = definition::fault(&spec.format, &text) {
            return Err(format!("`{file}` is no definition of a schema: {fault}"));
        }
        spec.definition = Some(text);
        Ok(())
    }

    fn align(now: &mut Spec, want: &Spec) {
        // Where the text came from is nothing that AWS knows.
        now.file.clone_from(&want.file);
        if let (Some(live), Some(wanted)) = (&now.definition, &want.definition)
            && means_the_same(&now.format, live, wanted)
        {
            now.definition.clone_from(&want.definition);
        }
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        let Some(now) = now else { return Vec::new() };
        let same = want.filter(|want| Self::key(want) == Self::key(now) && want.format == now.format);
        let Some(want) = same else {
            let of = format!("`{}` of the registry {}", now.name, now.registry);
            return vec![format!(
                "All versions of {of} are deleted: who reads data that was written by one cannot tell what is in it."
            )];
        };
        let checked = (now.compatibility != want.compatibility).then(|| match want.compatibility.as_str() {
            DISABLED => format!("`{}` takes no new version from then on.", now.name),
            UNCHECKED => format!("AWS takes any new version of `{}` from then on, whoever can read it.", now.name),
            other => format!("New versions of `{}` are checked for {other}, from the latest one on.", now.name),
        });
        let changed = want.definition.is_some() && now.definition != want.definition;
        let version = changed.then(|| match (now.compatibility.as_str(), want.compatibility.as_str()) {
            (DISABLED, DISABLED) => format!("AWS refuses it: `{}` takes no new version.", now.name),
            (_, UNCHECKED | DISABLED) => format!("It becomes the latest version of `{}`; those before stay.", now.name),
            (_, other) => {
                format!("It becomes the latest version of `{}`, if AWS finds it {other}; those before stay.", now.name)
            }
        });
        checked.into_iter().chain(version).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_is_what_is_in_its_file() {
        let folder = tempfile::Builder::new().prefix("schema-").tempdir_in("target").unwrap();
        let here = std::env::current_dir().unwrap();
        let path = |name: &str| {
            let below = folder.path().strip_prefix(&here).unwrap_or(folder.path()).join(name);
            below.to_str().unwrap().to_owned()
        };
        let resolved = |name: &str, bytes: &[u8]| {
            std::fs::write(folder.path().join(name), bytes).unwrap();
            let mut spec: Spec =
                toml::from_str("registry = 'events'\nname = 'click'\nformat = 'JSON'\ncompatibility = 'BACKWARD'\n")
                    .unwrap();
            spec.file = Some(path(name));
            RegistrySchema::resolve_local_files(&mut spec).map(|()| spec.definition.unwrap())
        };
        assert_eq!(resolved("click.json", b"{}\n").unwrap(), "{}\n");
        assert!(
            resolved("broken.json", b"{")
                .unwrap_err()
                .contains("broken.json` is no definition of a schema: it is not JSON")
        );
        assert!(resolved("bytes.json", &[0xff]).unwrap_err().ends_with("is no text in UTF-8"));
    }
}
