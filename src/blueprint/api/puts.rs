//! The routes of an API that answer without a function, and the one role as which API Gateway puts what comes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::service::{Wanted, action, service};
use crate::blueprint::BuildContext;
use crate::blueprint::policy::{self, allow};
use crate::blueprint::sources::use_of;
use crate::catalog::apigateway_rest_api::Service;
use crate::model::address::Address;
use crate::model::graph::What;
use crate::spec::Block as _;
use crate::spec::blocks::api::{Api, Put};
use crate::spec::blocks::queue::Queue;
use crate::spec::blocks::stream::Stream;
use crate::spec::blocks::topic::Topic;
use crate::spec::uses::Access;

impl Api {
    /// What a route asks of AWS.
    pub(super) fn service(&self, put: &Put, site: &BuildContext<'_>) -> Option<Service> {
        let role = self.role_name(site.name, site.spec);
        service(&Wanted {
            arn: &site.resolve(&put.to).arn,
            batch: put.batch,
            key: put.key(),
            role: &site.scope.global_arn("iam", &format!("role/{role}")),
            origin: self.cors.as_ref().map(|cors| cors.origin.as_str()),
        })
    }

    /// Adds the role, and returns what the routes stand on.
    pub(super) fn add_puts(&self, site: &mut BuildContext<'_>) -> Vec<Address> {
        let puts: Vec<Put> = self.puts().map(|(_, put)| put).collect();
        if puts.is_empty() {
            return Vec::new();
        }
        for put in &puts {
            let what = if put.to.kind() == Topic::KIND { What::Notifies } else { What::Data };
            site.flow(site.address.clone(), what, put.to.address());
        }
        let trust = json!({
            "Effect": "Allow",
            "Principal": { "Service": super::PRINCIPAL },
            "Action": "sts:AssumeRole",
        });
        let (name, description) = (
            self.role_name(site.name, site.spec),
            format!("Lets API Gateway put what comes to {} of {}", site.address, site.spec.env.name),
        );
        let policy = policy::document(allowed(&puts, site));
        let role = site.role(&name, description, trust, ("put", &policy), &self.tags);
        let role = site.add_part("role", role, []);
        site.output("role_arn", site.scope.global_arn("iam", &format!("role/{name}")));
        puts.iter().map(|put| put.to.address()).chain([role]).collect()
    }
}

/// Each action on what it is for, and what the keys that encrypt that ask for.
fn allowed(puts: &[Put], site: &BuildContext<'_>) -> Vec<Value> {
    let mut actions: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let mut keys = Vec::new();
    for put in puts {
        let arn = site.resolve(&put.to).arn;
        actions.entry(arn.clone()).or_default().extend(action(&arn, put.batch));
        for statement in keys_of(put, site) {
            if !keys.contains(&statement) {
                keys.push(statement);
            }
        }
    }
    let actions = actions.into_iter().map(|(arn, actions)| allow(&actions.into_iter().collect::<Vec<_>>(), &arn));
    actions.chain(keys).collect()
}

/// What a customer's key asks of whoever writes: the same as of a function. Firehose encrypts with grants of its own.
fn keys_of(put: &Put, site: &BuildContext<'_>) -> Vec<Value> {
    let access = match put.to.kind() {
        Stream::KIND => Access::Write,
        Queue::KIND => Access::Send,
        Topic::KIND => Access::Publish,
        _ => return Vec::new(),
    };
    let of_key = |statement: &Value| statement["Action"].as_array().is_some_and(|all| all.iter().all(is_kms));
    site.allow(&use_of(&put.to, access)).into_iter().filter(of_key).collect()
}

fn is_kms(action: &Value) -> bool {
    action.as_str().is_some_and(|action| action.starts_with("kms:"))
}
