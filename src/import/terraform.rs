//! What a state of Terraform's names: a state file, or what `terraform show -json` prints of one.
//!
//! Of a resource only its type, its address and what identifies it are read; a secret goes nowhere from here.

use std::collections::BTreeSet;

use serde_json::Value;

use super::live::{items, text};
use super::{Found, LeftOut};
use crate::engine::scope::Scope;
use crate::export::kinds::from_terraform;

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
    Ok(sorted_out(all, scope))
}

/// A resource of a state, whatever the form of that.
struct Resource<'a> {
    address: String,
    managed: bool,
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
        let deposed = if instance["deposed"].is_string() { " (deposed)" } else { "" };
        all.push(Resource {
            address: format!("{module}{data}{kind}.{}{index}{deposed}", text(&resource["name"])),
            managed: mode == "managed" && deposed.is_empty(),
            kind,
            provider: text(&resource["provider"]),
            attributes: &instance["attributes"],
        });
    }
}

/// The resources of a module and of those in it, as `terraform show -json` prints them.
fn of_module<'a>(module: &'a Value, all: &mut Vec<Resource<'a>>) {
    for resource in items(&module["resources"]) {
        let deposed = resource["deposed_key"].is_string();
        all.push(Resource {
            address: format!("{}{}", text(&resource["address"]), if deposed { " (deposed)" } else { "" }),
            managed: resource["mode"] == "managed" && !deposed,
            kind: text(&resource["type"]),
            provider: text(&resource["provider_name"]),
            attributes: &resource["values"],
        });
    }
    items(&module["child_modules"]).for_each(|child| of_module(child, all));
}

fn sorted_out(all: Vec<Resource<'_>>, scope: &Scope) -> (Vec<Found>, Vec<LeftOut>) {
    let (mut found, mut left_out) = (Vec::new(), Vec::new());
    let mut elsewhere: BTreeSet<String> = BTreeSet::new();
    for resource in &all {
        if let Some(reason) = elsewhere_of(resource.attributes, scope) {
            elsewhere.extend(resource.attributes["bucket"].as_str().map(str::to_owned));
            left_out.push(LeftOut { source: resource.address.clone(), reason });
            continue;
        }
        match keys(resource) {
            Ok((kind, keys)) => {
                let found_as = |key| Found { source: resource.address.clone(), kind: kind.to_owned(), key };
                found.extend(keys.into_iter().map(found_as));
            }
            Err(reason) => left_out.push(LeftOut { source: resource.address.clone(), reason }),
        }
    }
    // The settings of a bucket do not say where that is.
    found.retain(|one: &Found| {
        let bucket = one.key.split('|').next().unwrap_or_default();
        let here = !one.kind.starts_with("s3_") || !elsewhere.contains(bucket);
        if !here {
            let reason = format!("the bucket `{bucket}` is elsewhere");
            left_out.push(LeftOut { source: one.source.clone(), reason });
        }
        here
    });
    found.sort();
    left_out.sort();
    (found, left_out)
}

/// The kind and the keys of what a resource of Terraform's is, or why it is nothing for pipectl.
fn keys(resource: &Resource<'_>) -> Result<(&'static str, Vec<String>), String> {
    if !resource.managed {
        return Err("Terraform only reads it, or is about to delete it".to_owned());
    }
    let own = resource.provider.contains("hashicorp/aws") || resource.provider.ends_with("provider.aws");
    let (kind, keys) = from_terraform(resource.kind, resource.attributes)
        .filter(|_| own)
        .ok_or_else(|| format!("pipectl has nothing that is a `{}`", resource.kind))?;
    match keys.is_empty() {
        true if kind == "s3_notification" => Err("none of its entries tells a queue".to_owned()),
        true => Err("the state does not say what it is called".to_owned()),
        false => Ok((kind, keys)),
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
