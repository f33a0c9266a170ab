//! CloudTrail's event history: the calls of the last 90 days, whether or not anybody has made a trail.

use std::cmp::Reverse;
use std::sync::Arc;

use aws_types::region::Region;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::error::failed;
use super::slim::{Call, Caller, Json, Service};
use super::{Aws, Result};
use crate::model::audit::{AuditLog, Event, Lookup};
use crate::model::kind::BoxFuture;

/// Pages of 50 events that one look-up reads at most: CloudTrail answers twice a second.
const PAGES: usize = 4;

/// CloudTrail.
enum CloudTrail {}

impl Service for CloudTrail {
    type Speaks = Json;
    const ID: &'static str = "CloudTrail";
    const NAME: &'static str = "cloudtrail";
    const OF: &'static str = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101";
}

/// Looks events up: <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct LookupEvents<'a> {
    lookup_attributes: [LookupAttribute<'a>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

/// What events have in common.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct LookupAttribute<'a> {
    attribute_key: &'static str,
    attribute_value: &'a str,
}

impl Call for LookupEvents<'_> {
    type Of = CloudTrail;
    const NAME: &'static str = "LookupEvents";
    type Reply = FoundEvents;
}

/// A page of events.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct FoundEvents {
    events: Vec<Recorded>,
    next_token: Option<String>,
}

/// An event as CloudTrail gives it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Recorded {
    /// The whole record, as JSON.
    cloud_trail_event: Option<String>,
    /// `true` or `false`.
    read_only: Option<String>,
    username: Option<String>,
}

/// The event history of an account.
pub struct CloudTrailEvents {
    aws: Arc<Aws>,
}

/// The client of the region in which a partition's IAM records its calls.
#[derive(Clone)]
struct Global(Caller<CloudTrail>);

impl CloudTrailEvents {
    /// That of the caller's account.
    pub fn new(aws: &Arc<Aws>) -> Self {
        Self { aws: Arc::clone(aws) }
    }

    /// Where the calls of a service are recorded: those of IAM in one region for all.
    async fn client(&self, service: &str) -> Result<Caller<CloudTrail>> {
        if service != "iam" {
            return Ok(self.aws.client(Caller::new).await);
        }
        let region = match self.aws.scope().await?.partition.as_str() {
            "aws-cn" => "cn-north-1",
            "aws-us-gov" => "us-gov-west-1",
            "aws-eusc" => "eusc-de-east-1",
            _ => "us-east-1",
        };
        let global =
            self.aws.client(|config| Global(Caller::new(&config.to_builder().region(Region::new(region)).build())));
        Ok(global.await.0)
    }

    async fn find(&self, what: Lookup<'_>) -> Result<Vec<Event>> {
        let (service, attribute_key, attribute_value) = match what {
            Lookup::Resource(service, name) => (service, "ResourceName", name),
            Lookup::Event(event) => {
                let (service, name) = event.split_once(':').unwrap_or_default();
                (service, "EventName", name)
            }
        };
        let client = self.client(service).await?;
        let lookup_attributes = [LookupAttribute { attribute_key, attribute_value }];
        let mut call = LookupEvents { lookup_attributes, next_token: None };
        let mut events = Vec::new();
        for _ in 0..PAGES {
            let page = client.call(&call).await.map_err(failed("cloudtrail LookupEvents"))?;
            events.extend(page.events.iter().filter_map(event));
            // An empty token is none: it would begin anew.
            call.next_token = page.next_token.filter(|token| !token.is_empty());
            if call.next_token.is_none() {
                break;
            }
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
fn event(event: &Recorded) -> Option<Event> {
    let record: Value = serde_json::from_str(event.cloud_trail_event.as_deref()?).ok()?;
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let read = event.read_only.as_deref() == Some("true") || record["readOnly"] == true;
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
    use crate::aws::slim::tests::is_as_modelled;

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
        event(&Recorded { cloud_trail_event: Some(record.to_string()), ..Recorded::default() })
    }

    #[tokio::test]
    async fn requests_and_replies_are_those_of_awss_models_to_the_last_page() {
        let lookup_attributes =
            [LookupAttribute { attribute_key: "ResourceName", attribute_value: "acme-clickstream-dev-clicks" }];
        let call = LookupEvents { lookup_attributes, next_token: Some("a+/=".to_owned()) };
        let reply = is_as_modelled(&call).await;
        let [event] = reply.events.try_into().unwrap();
        let read = [&event.cloud_trail_event, &event.read_only, &event.username, &reply.next_token];
        assert!(read.iter().all(|member| member.is_some()), "a member has another name in AWS: {event:?}");
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
        assert_eq!(event(&Recorded { cloud_trail_event: Some("{".to_owned()), ..Recorded::default() }), None);
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
