//! What guards a resource goes along, or the resource does not.

use std::collections::BTreeMap;

use pipectl::export::terraform::described;
use pipectl::export::{Estate, Managed, Target, export};
use pipectl::model::scope::Scope;
use serde_json::{Value, json};

use super::{registry, scope};

const TARGETS: [Target; 2] = [Target::Terraform, Target::CloudFormation];

/// A resource of which AWS has made up these things.
fn alone(kind: &str, attributes: &Value, outputs: Value, scope: Scope) -> Estate {
    let attributes = registry().get(kind).unwrap().with_files(attributes).unwrap().into();
    let managed = Managed { kind: kind.to_owned(), attributes, outputs: outputs.into(), left_alone: Vec::new() };
    let resources = BTreeMap::from([("kind.example".parse().unwrap(), managed)]);
    Estate { project: "acme".into(), env: "test".into(), scope, resources, externals: BTreeMap::new() }
}

#[test]
fn a_permission_says_what_it_is_for_or_stays() {
    let permission = json!({
        "function": "ingest", "statement_id": "events", "principal": "apigateway.amazonaws.com",
        "api": { "name": "events", "calls": "*/POST/events" },
    });
    let arn = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3/*/POST/events";
    for target in TARGETS {
        let known =
            export(&alone("lambda_permission", &permission, json!({ "source_arn": arn }), scope()), target).unwrap();
        assert!(known.files.values().any(|text| text.contains(arn)), "{target}");
        for unknown in [Value::Null, json!({}), json!({ "source_arn": null }), json!({ "source_arn": "" })] {
            let export = export(&alone("lambda_permission", &permission, unknown, scope()), target).unwrap();
            assert_eq!(export.imports, 0, "{target}");
            let [left_out] = &export.left_out[..] else { panic!("{:?}", export.left_out) };
            assert_eq!((left_out.address.to_string(), left_out.attribute), ("kind.example".to_owned(), None));
            assert!(left_out.reason.contains("let anybody's API call the function"), "{}", left_out.reason);
            let files = export.files.iter().filter(|(name, _)| **name != "README.md");
            assert!(files.into_iter().all(|(_, text)| !text.contains("apigateway.amazonaws.com")), "{target}");
        }
    }
}

#[test]
fn what_is_imported_by_an_id_that_is_not_known_stays() {
    let unknown = [
        ("apigateway_rest_api", json!({ "name": "events", "methods": {} })),
        ("apigateway_stage", json!({ "api": "events", "name": "live", "deployment": "d" })),
        ("apigateway_usage_plan", json!({ "name": "events" })),
        ("secretsmanager_secret", json!({ "name": "salt", "value_from": { "variable": "SALT" } })),
        (
            "lambda_event_source_mapping",
            json!({
                "function": "f", "source_arn": "arn:aws:sqs:eu-west-1:123456789012:q", "batch_size": 1,
                "role_arn": "arn:aws:iam::123456789012:role/r",
            }),
        ),
    ];
    for (kind, attributes) in &unknown {
        for target in TARGETS {
            let export = export(&alone(kind, attributes, Value::Null, scope()), target).unwrap();
            assert_eq!((export.imports, export.left_out.len()), (0, 1), "{target}: {kind}");
            assert!(export.left_out[0].reason.contains("which AWS makes up"), "{}", export.left_out[0].reason);
        }
    }
    // A queue is where all queues are.
    let limits = json!({
        "name": "q", "visibility_timeout_seconds": 30, "retention_seconds": 345_600, "delay_seconds": 0,
        "receive_wait_seconds": 0, "max_message_bytes": 262_144,
    });
    let queue = alone("sqs_queue", &limits, Value::Null, Scope::new("123456789012", "cn-north-1"));
    let files = export(&queue, Target::Terraform).unwrap().files;
    assert!(files["imports.tf"].contains("\"https://sqs.cn-north-1.amazonaws.com.cn/123456789012/q\""), "{files:?}");
}

#[test]
fn boundaries_trust_and_the_block_of_public_access_go_along() {
    let role = json!({
        "name": "r", "permissions_boundary": "arn:aws:iam::123456789012:policy/boundary",
        "trust": { "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": { "Service": "firehose.amazonaws.com" }, "Action": "sts:AssumeRole",
            "Condition": { "StringEquals": { "sts:ExternalId": "123456789012" } },
        }] },
    });
    for target in TARGETS {
        let files = export(&alone("iam_role", &role, Value::Null, scope()), target).unwrap().files;
        let all: String = files.into_values().collect();
        assert!(all.contains("policy/boundary") && all.contains("sts:ExternalId"), "{target}: {all}");
        let user = json!({ "name": "u", "permissions_boundary": "arn:aws:iam::123456789012:policy/boundary" });
        let files = export(&alone("iam_user", &user, Value::Null, scope()), target).unwrap().files;
        assert!(files.into_values().any(|text| text.contains("policy/boundary")), "{target}");
        let files = export(&alone("s3_bucket", &json!({ "name": "b-1" }), Value::Null, scope()), target).unwrap().files;
        let all: String = files.into_values().collect::<String>().to_lowercase().replace('_', "");
        assert!(all.contains("restrictpublicbuckets"), "{target}: {all}");
    }
}

/// A resource with these very attributes, whether they fit its kind or not.
fn unfit(kind: &str, attributes: Value) -> Estate {
    let managed = Managed {
        kind: kind.to_owned(),
        attributes: attributes.into(),
        outputs: Value::Null.into(),
        left_alone: Vec::new(),
    };
    let resources = BTreeMap::from([("kind.example".parse().unwrap(), managed)]);
    Estate { project: "acme".into(), env: "test".into(), scope: scope(), resources, externals: BTreeMap::new() }
}

#[test]
fn what_does_not_fit_its_type_is_left_out_with_the_reason() {
    let reason = |estate: &Estate, target| {
        let export = export(estate, target).unwrap();
        let [left_out] = &export.left_out[..] else { panic!("{:?}", export.left_out) };
        assert_eq!((export.imports, left_out.attribute), (0, None), "{target}");
        assert!(export.files["README.md"].contains(&left_out.reason), "{target}");
        left_out.reason.clone()
    };
    for target in TARGETS {
        let newer =
            reason(&unfit("kinesis_stream", json!({ "name": "clicks", "mode": "ON_DEMAND", "tiers": 2 })), target);
        assert!(newer.contains("kinesis_stream") && newer.contains("unknown field `tiers`"), "{newer}");
        let older = reason(&unfit("kinesis_stream", json!({ "name": "clicks" })), target);
        assert!(older.contains("missing field `mode`"), "{older}");
        let strange = reason(&unfit("ecr_repository", json!({ "name": "images" })), target);
        assert!(strange.contains("knows no type `ecr_repository`"), "{strange}");
    }
}

#[test]
fn a_rule_sees_what_does_not_fit_its_type() {
    let estate = unfit("kinesis_stream", json!({ "name": "clicks", "tiers": 2 }));
    let [one] = &described(&estate, &"kind.example".parse().unwrap())[..] else { panic!("one resource") };
    assert_eq!((one.kind, &one.attributes["tiers"]), ("aws_kinesis_stream", &json!(2)));
}

#[test]
fn a_notification_that_does_not_fit_keeps_every_configuration_from_going_along() {
    let entry = json!({ "bucket": "b-1", "id": "a", "queue_arn": "arn:q", "events": ["s3:ObjectCreated:*"] });
    let mut estate = alone("s3_notification", &entry, Value::Null, scope());
    let other = Managed {
        kind: "s3_notification".into(),
        attributes: json!({ "id": "b" }).into(),
        outputs: Value::Null.into(),
        left_alone: Vec::new(),
    };
    estate.resources.insert("kind.other".parse().unwrap(), other);
    for target in TARGETS {
        let export = export(&estate, target).unwrap();
        assert_eq!((export.imports, export.left_out.len()), (0, 2), "{target}: {:?}", export.left_out);
    }
}
