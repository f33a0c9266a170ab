//! The attributes that a resource has in Terraform, as plans of Terraform show them: a rule that is written for these reads
//! ours.

use serde_json::{Map, Value};

use crate::export::Estate;
use crate::export::kinds::Subject;
use crate::export::parts::terraform::{Fields, Part, Term};
use crate::model::address::Address;

/// What stands for whatever AWS makes up and nobody knows before an apply.
pub const UNKNOWN: &str = "(known after apply)";

/// A resource of Terraform's that a resource of pipectl's is, or is in part.
#[derive(Clone, Debug, PartialEq)]
pub struct Described {
    /// Its type: `aws_s3_bucket_policy`.
    pub kind: &'static str,
    /// What tells it from others of its type at the same address.
    pub suffix: Option<String>,
    /// Its attributes: nested blocks as lists, documents (a policy, a dashboard) as texts of JSON.
    pub attributes: Map<String, Value>,
    /// Those that AWS makes up.
    pub unknown: Vec<&'static str>,
}

/// What a resource is in Terraform. What an export leaves out, as what does not fit its type, is one resource with pipectl's
/// own attributes, so that no rule misses it; none for an address that the estate does not have.
pub fn described(estate: &Estate, address: &Address) -> Vec<Described> {
    let managed = estate.resources.get(address);
    let Some(it) = managed.and_then(|managed| Subject::new(estate, address, managed)) else { return Vec::new() };
    let (arn, own) = (it.arn(), it.one.terraform_type());
    let Ok(parts) = it.terraform() else {
        let attributes = it.attributes.as_object().cloned().unwrap_or_default();
        return vec![Described { kind: own, suffix: None, attributes, unknown: Vec::new() }];
    };
    let part = |part: Part| {
        let arn = arn.as_ref().filter(|_| part.kind == own);
        Described::of(part.kind, part.suffix, &part.fields, arn)
    };
    parts.into_iter().map(part).collect()
}

impl Described {
    fn of(kind: &'static str, suffix: Option<String>, fields: &Fields, arn: Option<&String>) -> Self {
        let (mut attributes, mut unknown) = (Map::new(), Vec::new());
        for (name, term) in fields {
            match value(term) {
                Some(value) if is_unknown(&value) => unknown.push(*name),
                Some(value) => drop(attributes.insert((*name).to_owned(), value)),
                None => {}
            }
        }
        // The provider adds its own tags to these; pipectl has written its own into both.
        if let Some(tags) = attributes.get("tags").cloned() {
            attributes.insert("tags_all".to_owned(), tags);
        }
        if let Some(arn) = arn {
            attributes.insert("arn".to_owned(), arn.as_str().into());
        }
        Self { kind, suffix, attributes, unknown }
    }
}

/// A value as Terraform's plans show it; none for what stands in HCL alone.
fn value(term: &Term) -> Option<Value> {
    Some(match term {
        Term::Plain(value) => value.clone(),
        Term::Encoded(value) => Value::String(value.to_string()),
        Term::Named(_, name) => Value::String(name.clone()),
        Term::Names(_) => return None,
        Term::Blocks(blocks) => {
            let block = |fields: &Fields| {
                fields.iter().filter_map(|(name, term)| Some(((*name).to_owned(), value(term)?))).collect::<Map<_, _>>()
            };
            Value::Array(blocks.iter().map(|fields| Value::Object(block(fields))).collect())
        }
    })
}

fn is_unknown(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(UNKNOWN),
        Value::Array(items) => items.iter().any(is_unknown),
        Value::Object(map) => map.values().any(is_unknown),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
