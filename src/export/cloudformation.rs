//! Files for CloudFormation: a template, and the identifiers of what is imported into the stack.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};

use super::parts::cloudformation::{NAMED, Part};
use super::references::References;
use super::{Error, Estate, Export, LeftOut, Target, guide, names};
use crate::catalog::Type;
use crate::model::address::Address;

/// The most bytes of a template that CloudFormation takes with a call; a larger one comes from a bucket.
pub(super) const LARGEST_BODY: usize = 51_200;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Template {
    #[serde(rename = "AWSTemplateFormatVersion")]
    version: &'static str,
    description: String,
    resources: BTreeMap<String, Resource>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Resource {
    #[serde(rename = "Type")]
    kind: &'static str,
    /// CloudFormation imports nothing without it.
    deletion_policy: &'static str,
    update_replace_policy: &'static str,
    properties: Value,
}

/// An entry of `--resources-to-import`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ToImport {
    resource_type: &'static str,
    logical_resource_id: String,
    resource_identifier: BTreeMap<&'static str, String>,
}

/// The files, the number of imports, and what is left out.
pub(super) fn export(estate: &Estate) -> Result<Export, Error> {
    let (mut left_out, mut exported, mut named) = (estate.strangers(), BTreeMap::new(), Vec::new());
    for subject in estate.subjects() {
        match subject.cloudformation() {
            Ok(parts) => {
                left_out.extend(guide::stays(&subject, Target::CloudFormation));
                if !parts.is_empty() {
                    exported.insert(subject.address, parts);
                    named.push(subject);
                }
            }
            Err(reason) => left_out.push(LeftOut::whole(&subject, reason)),
        }
    }
    let ids = names::all(exported.keys().copied(), names::pascal);
    let references = References::new(&named);
    let (resources, to_import) = resources(exported, &ids, &references);
    let description = format!("{} {}, exported by pipectl", estate.project, estate.env);
    let template = Template { version: "2010-09-09", description, resources };
    let template = serde_saphyr::to_string(&template)?;
    let next = next(estate, template.len());
    let export = Export { files: BTreeMap::new(), imports: to_import.len(), left_out, next };
    let files = [
        ("README.md", guide::cloudformation(estate, &export)),
        ("resources-to-import.json", format!("{}\n", serde_json::to_string_pretty(&to_import)?)),
        ("template.yaml", template),
    ];
    Ok(Export { files: files.into(), ..export })
}

fn resources(
    exported: BTreeMap<&Address, Vec<Part>>,
    ids: &BTreeMap<&Address, String>,
    references: &References<'_>,
) -> (BTreeMap<String, Resource>, Vec<ToImport>) {
    let mut taken: BTreeSet<String> = ids.values().cloned().collect();
    let (mut resources, mut to_import) = (BTreeMap::new(), Vec::new());
    for (address, parts) in exported {
        for Part { kind, suffix, identifier, properties } in parts {
            let id = match suffix {
                "" => ids[address].clone(),
                suffix => names::distinct(&format!("{}{suffix}", ids[address]), &mut taken),
            };
            let resolve = Resolve { references, ids, own: suffix.is_empty().then_some(address) };
            let properties = resolve.value(properties);
            to_import.push(ToImport {
                resource_type: kind,
                logical_resource_id: id.clone(),
                resource_identifier: identifier,
            });
            let resource = Resource { kind, deletion_policy: "Retain", update_replace_policy: "Retain", properties };
            resources.insert(id, resource);
        }
    }
    (resources, to_import)
}

/// Puts references in the place of names and ARNs.
struct Resolve<'a> {
    references: &'a References<'a>,
    ids: &'a BTreeMap<&'a Address, String>,
    /// The resource itself, to which it cannot refer.
    own: Option<&'a Address>,
}

impl Resolve<'_> {
    fn value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => self.text(text),
            Value::Array(items) => items.into_iter().map(|item| self.value(item)).collect(),
            Value::Object(map) => match map.get(NAMED) {
                Some(name) => self.name(name),
                None => Value::Object(map.into_iter().map(|(key, value)| (key, self.value(value))).collect()),
            },
            other => other,
        }
    }

    fn name(&self, marked: &Value) -> Value {
        let (kind, name) = (marked[0].as_str().unwrap_or_default(), &marked[1]);
        let name_of = |one| self.references.of_name(one, name.as_str().unwrap_or_default());
        let found = Type::named(kind).and_then(name_of);
        match found.and_then(|named| self.ids.get(named.address)) {
            // A topic's `Ref` is its ARN, that of all others their name; each is what stands in this place.
            Some(id) => json!({ "Ref": id }),
            None => name.clone(),
        }
    }

    fn text(&self, text: String) -> Value {
        let found = self.references.in_text(&text).filter(|(named, _)| self.own != Some(named.address));
        let found = found.and_then(|(named, rest)| Some((self.ids.get(named.address)?, named.one.get_att()?, rest)));
        match found {
            None => Value::String(text),
            Some((id, attribute, "")) => json!({ "Fn::GetAtt": [id, attribute] }),
            // `${!…}` is how Fn::Sub is told to leave a `${…}` alone.
            Some((id, attribute, rest)) => {
                json!({ "Fn::Sub": format!("${{{id}.{attribute}}}{}", rest.replace("${", "${!")) })
            }
        }
    }
}

/// The commands that import the template: a change set, to be looked at before it is executed.
fn next(estate: &Estate, size: usize) -> Vec<String> {
    let stack = names::snake(&format!("{} {}", estate.project, estate.env)).replace('_', "-");
    let (region, host) = (&estate.scope.region, estate.scope.endpoint("s3"));
    let (copy, template) = if size > LARGEST_BODY {
        let place = format!("BUCKET/{stack}/template.yaml");
        (
            Some(format!("aws s3 cp template.yaml s3://{place}")),
            format!("--template-url https://BUCKET.{host}/{stack}/template.yaml"),
        )
    } else {
        (None, "--template-body file://template.yaml".to_owned())
    };
    let set = format!("--region {region} --stack-name {stack} --change-set-name import");
    let create = format!(
        "aws cloudformation create-change-set {set} --change-set-type IMPORT \
         --resources-to-import file://resources-to-import.json {template} --capabilities CAPABILITY_NAMED_IAM"
    );
    let commands = ["wait change-set-create-complete", "describe-change-set", "execute-change-set"]
        .map(|command| format!("aws cloudformation {command} {set}"));
    copy.into_iter().chain([create]).chain(commands).collect()
}
