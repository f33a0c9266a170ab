//! CloudTrail's event history: the calls of the last 90 days, whether or not anybody has made a trail.

use std::cmp::Reverse;
use std::sync::Arc;

use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::config::{Builder, Region};
use aws_sdk_cloudtrail::types::{self, LookupAttribute, LookupAttributeKey};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::error::failed;
use super::{Aws, Result};
use crate::model::audit::{AuditLog, Event, Lookup};
use crate::model::kind::BoxFuture;

/// Pages of 50 events that one look-up reads at most: CloudTrail answers twice a second.
const PAGES: usize = 4;

/// The event history of an account.
pub struct CloudTrailEvents {
    aws: Arc<Aws>,
}

/// The client of the region in which a partition's IAM records its calls.
#[derive(Clone)]
struct Global(Client);

impl CloudTrailEvents {
    /// That of the caller's account.
    pub fn new(aws: &Arc<Aws>) -> Self {
        Self { aws: Arc::clone(aws) }
    }

    /// Where the calls of a service are recorded: those of IAM in one region for all.
    async fn client(&self, service: &str) -> Result<Client> {
        if service != "iam" {
            return Ok(self.aws.client(Client::new).await);
        }
        let region = match self.aws.scope().await?.partition.as_str() {
            "aws-cn" => "cn-north-1",
            "aws-us-gov" => "us-gov-west-1",
            "aws-eusc" => "eusc-de-east-1",
            _ => "us-east-1",
        };
        let global = self.aws.client(|config| {
            let config = Builder::from(config).region(Region::new(region)).build();
            Global(Client::from_conf(config))
        });
        Ok(global.await.0)
    }

    async fn find(&self, what: Lookup<'_>) -> Result<Vec<Event>> {
        let (service, key, value) = match what {
            Lookup::Resource(service, name) => (service, LookupAttributeKey::ResourceName, name),
            Lookup::Event(event) => {
                let (service, name) = event.split_once(':').unwrap_or_default();
                (service, LookupAttributeKey::EventName, name)
            }
        };
        let client = self.client(service).await?;
        // Both are given: building it cannot fail.
        let attribute = LookupAttribute::builder().attribute_key(key).attribute_value(value).build().ok();
        let mut pages =
            client.lookup_events().set_lookup_attributes(attribute.map(|one| vec![one])).into_paginator().send();
        let mut events = Vec::new();
        for _ in 0..PAGES {
            let Some(page) = pages.next().await else { break };
            let page = page.map_err(failed("cloudtrail LookupEvents"))?;
            events.extend(page.events.unwrap_or_default().iter().filter_map(event));
        }
        events.sort_by_key(|event| Reverse(event.at));
        Ok(events)
    }
}

impl AuditLog for CloudTrailEvents {
    fn lookup<'a>(&'a self, what: Lookup<'a>) -> BoxFuture<'a, Result<Vec<Event>>> {
        Box::pin(self.find(what))
    }
}

/// An event that changed something.
fn event(event: &types::Event) -> Option<Event> {
    let record: Value = serde_json::from_str(event.cloud_trail_event()?).ok()?;
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let read = event.read_only() == Some("true") || record["readOnly"] == true;
    if read || text(&record["errorCode"]).is_some() {
        return None;
    }
    let identity = &record["userIdentity"];
    let by = text(&identity["arn"]).or_else(|| text(&identity["invokedBy"])).or_else(|| event.username.clone());
    let service = record["eventSource"].as_str()?.split('.').next()?;
    Some(Event {
        name: format!("{service}:{}", record["eventName"].as_str()?),
        at: OffsetDateTime::parse(record["eventTime"].as_str()?, &Rfc3339).ok()?,
        by: by.unwrap_or_else(|| "somebody whom CloudTrail does not name".to_owned()),
        from: text(&record["sourceIPAddress"]).unwrap_or_default(),
        agent: text(&record["userAgent"]).unwrap_or_default(),
        request: record["requestParameters"].clone(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::aws::kinds;

    /// As in CloudTrail's user guide.
    fn record() -> Value {
        json!({
            "eventVersion": "1.11",
            "userIdentity": {
                "type": "AssumedRole",
                "arn": "arn:aws:sts::123456789012:assumed-role/admin/ann",
                "accountId": "123456789012",
            },
            "eventTime": "2026-11-20T09:12:44Z",
            "eventSource": "kinesis.amazonaws.com",
            "eventName": "IncreaseStreamRetentionPeriod",
            "awsRegion": "eu-west-1",
            "sourceIPAddress": "203.0.113.7",
            "userAgent": "aws-cli/2.31.0",
            "requestParameters": {"retentionPeriodHours": 72, "streamName": "acme-clickstream-dev-clicks"},
            "responseElements": null,
            "readOnly": false,
        })
    }

    fn of(record: &Value) -> Option<Event> {
        event(&types::Event::builder().cloud_trail_event(record.to_string()).build())
    }

    #[test]
    fn a_record_says_who_did_what_when_and_from_where() {
        let event = of(&record()).unwrap();
        assert_eq!(event.name, "kinesis:IncreaseStreamRetentionPeriod");
        assert_eq!(event.by, "arn:aws:sts::123456789012:assumed-role/admin/ann");
        assert_eq!((event.from.as_str(), event.agent.as_str()), ("203.0.113.7", "aws-cli/2.31.0"));
        assert_eq!(event.at.unix_timestamp(), 1_795_165_964);
        assert_eq!(event.request["retentionPeriodHours"], 72);
    }

    #[test]
    fn what_changed_nothing_and_what_cannot_be_read_is_left_out() {
        for (key, value) in [
            ("errorCode", json!("AccessDenied")),
            ("readOnly", json!(true)),
            ("eventTime", json!("yesterday")),
            ("eventName", json!(null)),
        ] {
            let mut record = record();
            record[key] = value;
            assert_eq!(of(&record), None, "{key}");
        }
        assert_eq!(event(&types::Event::builder().cloud_trail_event("{").build()), None);
    }

    /// The calls that make these give all their attributes, again and again.
    const MADE_BY_PUTTING: [&str; 3] = ["cloudwatch_alarm", "cloudwatch_dashboard", "s3_notification"];

    #[test]
    fn of_every_attribute_that_can_be_changed_the_calls_that_change_it_are_known() {
        for kind in kinds::registry(&Arc::new(Aws::new(None))).iter() {
            let (name, writes) = (kind.name(), kind.audit_events());
            assert!(!writes.create.is_empty() && !writes.delete.is_empty(), "{name}");
            let properties = kind.schema()["properties"].as_object().unwrap();
            let stays = |schema: &Value| schema["x-replaces"] == true || schema["x-unread"] == true;
            let mutable = properties.iter().filter(|(_, schema)| !stays(schema)).map(|(key, _)| key);
            let known = |attribute: &str| writes.update.iter().any(|update| update.attribute == attribute);
            for attribute in mutable {
                assert!(known(attribute) || MADE_BY_PUTTING.contains(&name), "{name} {attribute}");
            }
            for update in writes.update {
                assert!(properties.contains_key(update.attribute), "{name} has no {}", update.attribute);
                assert!(update.events.iter().all(|event| event.contains(':')), "{name} {}", update.attribute);
            }
        }
    }

    #[test]
    fn a_service_of_awss_own_is_named() {
        let mut record = record();
        record["userIdentity"] = json!({"type": "AWSService", "invokedBy": "config.amazonaws.com"});
        assert_eq!(of(&record).unwrap().by, "config.amazonaws.com");
    }
}
