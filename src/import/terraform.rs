//! What a state of Terraform's names: a state file, or what `terraform show -json` prints of one.
//!
//! Of a resource only its type, its address and what identifies it are read; a secret goes nowhere from here.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::live::{items, text};
use super::{Found, LeftOut};
use crate::export::kinds::from_terraform;
use crate::model::scope::Scope;

/// Why a text is no state that can be read.
#[derive(Debug, thiserror::Error)]
pub enum NotAState {
    /// It is not JSON.
    #[error("it is not JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// It is JSON, of another form.
    #[error("it is neither a state file nor the output of `terraform show -json`")]
    Other,
    /// A state of another version.
    #[error("it is a state of version {0}, and pipectl reads version 4")]
    Version(String),
    /// A state that OpenTofu has encrypted.
    #[error("it is encrypted")]
    Encrypted,
}

impl NotAState {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Json(_) | Self::Other => {
                "get one with `terraform state pull > terraform.tfstate`, or with `terraform show -json > state.json`"
            }
            Self::Version(_) => {
                "let the Terraform of that project write it anew, or give what `terraform show -json` prints"
            }
            Self::Encrypted => "give what `tofu show -json` prints",
        }
    }
}

/// What a state names: what there is for pipectl, and what is not taken.
///
/// # Errors
/// When the text is no state.
pub fn read(text: &str, scope: &Scope) -> Result<(Vec<Found>, Vec<LeftOut>), NotAState> {
    let state: Value = serde_json::from_str(text)?;
    let mut all = Vec::new();
    if state.get("encrypted_data").is_some() {
        return Err(NotAState::Encrypted);
    } else if let Some(version) = state.get("version").filter(|_| state.get("lineage").is_some()) {
        if version != 4 {
            return Err(NotAState::Version(version.to_string()));
        }
        items(&state["resources"]).for_each(|resource| of_file(resource, &mut all));
    } else if state.get("format_version").is_some() && state.get("planned_values").is_none() {
        of_module(&state["values"]["root_module"], &mut all);
    } else {
        return Err(NotAState::Other);
    }
    Ok(sorted_out(&all, scope))
}

/// A resource of a state, whatever the form of that.
struct Resource<'a> {
    address: String,
    managed: bool,
    /// Whether a replacement of it is there already.
    deposed: bool,
    kind: &'a str,
    provider: &'a str,
    attributes: &'a Value,
}

/// The instances of a resource in a state file.
fn of_file<'a>(resource: &'a Value, all: &mut Vec<Resource<'a>>) {
    let (kind, mode) = (text(&resource["type"]), text(&resource["mode"]));
    let module = resource["module"].as_str().map(|module| format!("{module}.")).unwrap_or_default();
    let data = if mode == "data" { "data." } else { "" };
    for instance in items(&resource["instances"]) {
        let index = instance.get("index_key").filter(|index| !index.is_null());
        let index = index.map(|index| format!("[{index}]")).unwrap_or_default();
        all.push(Resource {
            address: format!("{module}{data}{kind}.{}{index}", text(&resource["name"])),
            managed: mode == "managed",
            deposed: instance["deposed"].is_string(),
            kind,
            provider: text(&resource["provider"]),
            attributes: &instance["attributes"],
        });
    }
}

/// The resources of a module and of those in it, as `terraform show -json` prints them.
fn of_module<'a>(module: &'a Value, all: &mut Vec<Resource<'a>>) {
    for resource in items(&module["resources"]) {
        all.push(Resource {
            address: text(&resource["address"]).to_owned(),
            managed: resource["mode"] == "managed",
            deposed: resource["deposed_key"].is_string(),
            kind: text(&resource["type"]),
            provider: text(&resource["provider_name"]),
            attributes: &resource["values"],
        });
    }
    items(&module["child_modules"]).for_each(|child| of_module(child, all));
}

fn sorted_out(all: &[Resource<'_>], scope: &Scope) -> (Vec<Found>, Vec<LeftOut>) {
    let (mut found, mut left_out) = (Vec::new(), Vec::new());
    let mut elsewhere: BTreeSet<String> = BTreeSet::new();
    let names = Names::of(all);
    for resource in all {
        if let Some(reason) = elsewhere_of(resource.attributes, scope) {
            elsewhere.extend(resource.attributes["bucket"].as_str().map(str::to_owned));
            left_out.push(LeftOut { source: resource.address.clone(), reason, is_own: false });
            continue;
        }
        match keys(resource, &names) {
            Ok((kind, keys)) => {
                let found_as = |key| Found { source: resource.address.clone(), kind: kind.to_owned(), key };
                found.extend(keys.into_iter().map(found_as));
            }
            Err(reason) => left_out.push(LeftOut { source: resource.address.clone(), reason, is_own: false }),
        }
    }
    // The settings of a bucket do not say where that is.
    found.retain(|one: &Found| {
        let bucket = one.key.split('|').next().unwrap_or_default();
        let here = !one.kind.starts_with("s3_") || !elsewhere.contains(bucket);
        if !here {
            let reason = format!("the bucket `{bucket}` is elsewhere");
            left_out.push(LeftOut { source: one.source.clone(), reason, is_own: false });
        }
        here
    });
    found.sort();
    left_out.sort();
    (found, left_out)
}

/// The names of what API Gateway makes up the ids of: those that others in the state name by these.
struct Names<'a>(BTreeMap<(&'static str, &'a str), &'a str>);

impl<'a> Names<'a> {
    const TYPES: [(&'static str, &'static str); 2] =
        [("aws_api_gateway_rest_api", "apigateway_rest_api"), ("aws_api_gateway_usage_plan", "apigateway_usage_plan")];

    fn of(all: &[Resource<'a>]) -> Self {
        let known = |resource: &Resource<'a>| {
            let (_, kind) = Self::TYPES.iter().find(|(of, _)| *of == resource.kind)?;
            let (id, name) = (text(&resource.attributes["id"]), text(&resource.attributes["name"]));
            (!id.is_empty() && !name.is_empty()).then_some(((*kind, id), name))
        };
        Self(all.iter().filter_map(known).collect())
    }

    /// A key that begins with the id of what a resource belongs to, with the name in its place.
    fn spell(&self, kind: &'static str, terraform_type: &str, key: String) -> Result<String, String> {
        let whose = match kind {
            _ if Self::TYPES.iter().any(|(own, _)| *own == terraform_type) => return Ok(key),
            "apigateway_stage" | "apigateway_rest_api" => "apigateway_rest_api",
            "apigateway_usage_plan" => kind,
            _ => return Ok(key),
        };
        let (id, rest) = key.split_once('|').map_or((key.as_str(), None), |(id, rest)| (id, Some(rest)));
        match (self.0.get(&(whose, id)), rest) {
            (Some(name), Some(rest)) => Ok(format!("{name}|{rest}")),
            (Some(name), None) => Ok((*name).to_owned()),
            (None, _) => Err(format!("it belongs to `{id}` of API Gateway, which this state does not name")),
        }
    }
}

/// The kind and the keys of what a resource of Terraform's is, or why it is nothing for pipectl.
fn keys(resource: &Resource<'_>, names: &Names<'_>) -> Result<(&'static str, Vec<String>), String> {
    if !resource.managed {
        return Err("Terraform only reads it".to_owned());
    }
    if resource.deposed {
        return Err("Terraform is about to delete it: a replacement is there already".to_owned());
    }
    let own = resource.provider.contains("hashicorp/aws") || resource.provider.ends_with("provider.aws");
    let (kind, keys) = from_terraform(resource.kind, resource.attributes)
        .filter(|_| own)
        .ok_or_else(|| format!("pipectl has nothing that is a `{}`", resource.kind))?;
    match keys.is_empty() {
        true if kind == "s3_notification" => Err("none of its entries tells a queue or a function".to_owned()),
        true if kind == "events_rule" && resource.attributes["event_bus_name"].is_string() => {
            Err("it is of an event bus of its own, and pipectl has rules of the default one".to_owned())
        }
        true => Err("the state does not say what it is called".to_owned()),
        false => {
            let keys = keys.into_iter().map(|key| names.spell(kind, resource.kind, key));
            Ok((kind, keys.collect::<Result<_, _>>()?))
        }
    }
}

/// Why a resource is not of the account and region, as far as its attributes tell.
fn elsewhere_of(attributes: &Value, scope: &Scope) -> Option<String> {
    let arns = ["arn", "topic_arn"].map(|name| text(&attributes[name]));
    let parts = arns.iter().find(|arn| arn.starts_with("arn:")).map(|arn| arn.split(':').collect::<Vec<_>>());
    let part = |at: usize| parts.as_ref().and_then(|parts| parts.get(at).copied()).filter(|part| !part.is_empty());
    let region = part(3).or(attributes["region"].as_str());
    if let Some(account) = part(4).filter(|account| *account != scope.account) {
        return Some(format!("it is of account {account}, and this import of {}", scope.account));
    }
    let region = region.filter(|region| *region != scope.region)?;
    Some(format!("it is in {region}, and this import of {}", scope.region))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const PROVIDER: &str = "provider[\"registry.terraform.io/hashicorp/aws\"]";

    fn scope() -> Scope {
        Scope::new("123456789012", "eu-west-1")
    }

    fn file(resources: &Value) -> String {
        json!({ "version": 4, "lineage": "l", "serial": 7, "resources": resources }).to_string()
    }

    fn resource(kind: &str, attributes: &Value) -> Value {
        let instances = json!([{ "attributes": attributes }]);
        json!({ "mode": "managed", "type": kind, "name": "this", "provider": PROVIDER, "instances": instances })
    }

    fn left_out(resource: &Value) -> String {
        let (found, left_out) = read(&file(&json!([resource])), &scope()).unwrap();
        assert_eq!(found, []);
        left_out.into_iter().map(|one| one.reason).collect()
    }

    #[test]
    fn a_state_file_and_what_show_prints_name_the_same() {
        let attributes = json!({ "name": "clicks", "arn": "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks" });
        let in_file = json!([{
            "module": "module.p[\"a\"]", "mode": "managed", "type": "aws_kinesis_stream", "name": "this", "provider": PROVIDER,
            "instances": [{ "index_key": 0, "attributes": attributes }],
        }]);
        let shown = json!({ "format_version": "1.0", "terraform_version": "1.11.4", "values": { "root_module": {
            "child_modules": [{ "address": "module.p[\"a\"]", "resources": [{
                "address": "module.p[\"a\"].aws_kinesis_stream.this[0]", "mode": "managed", "type": "aws_kinesis_stream",
                "name": "this", "index": 0, "provider_name": "registry.terraform.io/hashicorp/aws", "values": attributes,
            }] }],
        } } });
        let expected = Found {
            source: "module.p[\"a\"].aws_kinesis_stream.this[0]".into(),
            kind: "kinesis_stream".into(),
            key: "clicks".into(),
        };
        assert_eq!(read(&file(&in_file), &scope()).unwrap(), (vec![expected.clone()], vec![]));
        assert_eq!(read(&shown.to_string(), &scope()).unwrap(), (vec![expected], vec![]));
    }

    #[test]
    fn what_is_elsewhere_is_left_out_together_with_its_settings() {
        let bucket = resource("aws_s3_bucket", &json!({ "bucket": "b", "region": "us-east-1" }));
        let settings = resource("aws_s3_bucket_versioning", &json!({ "bucket": "b" }));
        let queue = json!({ "bucket": "b", "queue": [{ "id": "snowpipe" }] });
        let (found, left_out) =
            read(&file(&json!([settings, resource("aws_s3_bucket_notification", &queue), bucket])), &scope()).unwrap();
        let reasons: Vec<_> = left_out.iter().map(|one| one.reason.as_str()).collect();
        assert_eq!(found, []);
        assert_eq!(
            reasons,
            [
                "it is in us-east-1, and this import of eu-west-1",
                "the bucket `b` is elsewhere",
                "the bucket `b` is elsewhere"
            ]
        );
        let topic = json!({ "name": "a", "arn": "arn:aws:sns:eu-west-1:999999999999:a" });
        let reason = self::left_out(&resource("aws_sns_topic", &topic));
        assert_eq!(reason, "it is of account 999999999999, and this import of 123456789012");
    }

    #[test]
    fn what_is_nothing_for_pipectl_is_left_out_with_the_reason() {
        let mut data = resource("aws_kinesis_stream", &json!({ "name": "clicks" }));
        data["mode"] = json!("data");
        assert_eq!(left_out(&data), "Terraform only reads it");
        let mut deposed = resource("aws_kinesis_stream", &json!({ "name": "clicks" }));
        deposed["instances"][0]["deposed"] = json!("deadbeef");
        assert!(left_out(&deposed).starts_with("Terraform is about to delete it"));
        let layer = resource("aws_lambda_layer_version", &json!({}));
        assert_eq!(left_out(&layer), "pipectl has nothing that is a `aws_lambda_layer_version`");
        let mut other = resource("aws_kinesis_stream", &json!({ "name": "clicks" }));
        other["provider"] = json!("provider[\"example.com/own/mirror\"]");
        assert_eq!(left_out(&other), "pipectl has nothing that is a `aws_kinesis_stream`");
        assert_eq!(left_out(&resource("aws_kinesis_stream", &json!({}))), "the state does not say what it is called");
        let on_bus = resource("aws_cloudwatch_event_rule", &json!({ "name": "nightly", "event_bus_name": "orders" }));
        assert!(left_out(&on_bus).starts_with("it is of an event bus of its own"));
        let nothing = json!({ "bucket": "b", "queue": [], "topic": [{ "id": "t" }] });
        assert_eq!(
            left_out(&resource("aws_s3_bucket_notification", &nothing)),
            "none of its entries tells a queue or a function"
        );
    }

    #[test]
    fn what_belongs_to_an_api_is_found_by_the_name_that_the_state_has_of_it() {
        let api = resource("aws_api_gateway_rest_api", &json!({ "id": "a1b2", "name": "shop" }));
        let stage = resource("aws_api_gateway_stage", &json!({ "rest_api_id": "a1b2", "stage_name": "live" }));
        let method = resource("aws_api_gateway_method", &json!({ "rest_api_id": "a1b2", "http_method": "POST" }));
        let plan = resource("aws_api_gateway_usage_plan", &json!({ "id": "p1", "name": "partners" }));
        let key = resource("aws_api_gateway_usage_plan_key", &json!({ "usage_plan_id": "p1", "key_id": "k" }));
        let other = resource("aws_api_gateway_stage", &json!({ "rest_api_id": "c3d4", "stage_name": "live" }));
        let (found, left_out) = read(&file(&json!([api, stage, method, plan, key, other])), &scope()).unwrap();
        let found: BTreeSet<[&str; 2]> = found.iter().map(|one| [&*one.kind, &*one.key]).collect();
        let expected =
            [["apigateway_rest_api", "shop"], ["apigateway_stage", "shop|live"], ["apigateway_usage_plan", "partners"]];
        assert_eq!(found, expected.into());
        let reasons: Vec<&str> = left_out.iter().map(|one| one.reason.as_str()).collect();
        assert_eq!(reasons, ["it belongs to `c3d4` of API Gateway, which this state does not name"]);
    }

    #[test]
    fn what_is_no_state_says_so_and_quotes_nothing_of_it() {
        let of = |text: &str| read(text, &scope()).unwrap_err().to_string();
        assert!(of("{\"secret\": \"wJalrXUtnFEMI\", ").starts_with("it is not JSON"));
        assert!(!of("{\"secret\": \"wJalrXUtnFEMI\", ").contains("wJalr"));
        assert_eq!(of(r#"{"version": 3, "lineage": "l"}"#), "it is a state of version 3, and pipectl reads version 4");
        assert_eq!(of(r#"{"encrypted_data": "…", "meta": {}}"#), "it is encrypted");
        for other in ["{}", "[]", "7", "null", r#"{"format_version": "1.2", "planned_values": {}}"#] {
            assert_eq!(of(other), "it is neither a state file nor the output of `terraform show -json`", "{other}");
        }
    }

    #[test]
    fn odd_shapes_name_nothing_and_break_nothing() {
        let odd = [
            json!(null),
            json!([null, 1, "x", {}]),
            json!([{ "type": 7, "mode": "managed", "instances": [{}] }]),
            json!([{ "type": "aws_s3_bucket", "mode": "managed", "provider": PROVIDER, "instances": "none" }]),
            json!([resource("aws_sns_topic", &json!({ "name": ["a"], "arn": 5 }))]),
        ];
        for resources in odd {
            assert_eq!(read(&file(&resources), &scope()).unwrap().0, [], "{resources}");
        }
        assert_eq!(read(r#"{"format_version": "1.0"}"#, &scope()).unwrap(), (vec![], vec![]));
    }
}
