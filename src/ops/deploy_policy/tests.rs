use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::allowed::Allowed;
use super::document::documents;
use super::*;
use crate::model::grant::{Grant, On};
use crate::spec::{Env, Project, Spec};

fn scope() -> Scope {
    Scope::new("123456789012", "eu-west-1")
}

/// The statements for one grant on a resource with these attributes.
fn statements(grant: Grant, attributes: &Value) -> Vec<Value> {
    let mut allowed = Allowed::default();
    allowed.grant(&grant, attributes, &scope(), &|_| true);
    allowed.statements()
}

const ENCRYPT: Grant =
    Grant::apply(&["kms:Encrypt"], On::Key("kms_key")).only_if("kms:ViaService", "ssm.{region}.{domain}");

#[test]
fn a_template_is_filled_with_place_and_attributes() {
    let on = On::Arns(&["arn:{partition}:ssm:{region}:{account}:parameter/{parameter}", "{source.role_arn}"]);
    let attributes = json!({ "parameter": "/acme/key", "source": { "role_arn": "arn:aws:iam::1:role/r" } });
    let resources = json!(["arn:aws:iam::1:role/r", "arn:aws:ssm:eu-west-1:123456789012:parameter/acme/key"]);
    assert_eq!(statements(Grant::plan(&["a:B"], on), &attributes)[0]["Resource"], resources);
    let each = On::Arns(&["{methods.*.service.credentials}"]);
    let methods = json!({ "GET /": {}, "POST /": { "service": { "credentials": "arn:aws:iam::1:role/r" } } });
    let said = statements(Grant::apply(&["iam:PassRole"], each), &json!({ "methods": methods }));
    assert_eq!(said[0]["Resource"], json!(["arn:aws:iam::1:role/r"]));
    let on = On::Arns(&["arn:{partition}:s3:::{place}*", "arn:{partition}:s3:::{place:bucket}"]);
    let resources = json!(["arn:aws:s3:::results", "arn:aws:s3:::results/athena/*"]);
    assert_eq!(
        statements(Grant::operate(&["a:B"], on), &json!({ "place": "s3://results/athena/" }))[0]["Resource"],
        resources
    );
    let china = Scope::new("123456789012", "cn-north-1");
    let mut allowed = Allowed::default();
    allowed.grant(&ENCRYPT, &json!({ "kms_key": "1234" }), &china, &|_| true);
    let statement = &allowed.statements()[0];
    assert_eq!(statement["Resource"], json!(["arn:aws-cn:kms:cn-north-1:123456789012:key/1234"]));
    let via = json!({ "StringEquals": { "kms:ViaService": "ssm.cn-north-1.amazonaws.com.cn" } });
    assert_eq!(statement["Condition"], via);
}

#[test]
fn a_grant_for_an_attribute_needs_its_value() {
    let grant = Grant::apply(&["iam:AttachRolePolicy"], On::All).given("managed_policies");
    for attributes in [json!({}), json!({ "managed_policies": [] }), json!({ "managed_policies": null })] {
        assert_eq!(statements(grant, &attributes), [Value::Null; 0]);
    }
    assert_eq!(statements(grant, &json!({ "managed_policies": ["arn"] })).len(), 1);
}

#[test]
fn kms_is_allowed_only_for_a_key_of_ones_own() {
    for key in [Value::Null, json!("alias/aws/ssm")] {
        assert_eq!(statements(ENCRYPT, &json!({ "kms_key": key })), [Value::Null; 0]);
    }
    let arn = "arn:aws:kms:eu-west-1:123456789012:key/1234";
    for key in ["1234", arn] {
        assert_eq!(statements(ENCRYPT, &json!({ "kms_key": key }))[0]["Resource"], json!([arn]));
    }
    let by_alias = &statements(ENCRYPT, &json!({ "kms_key": "alias/clicks" }))[0];
    assert_eq!(by_alias["Resource"], json!(["arn:aws:kms:eu-west-1:123456789012:key/*"]));
    let asks = json!({ "kms:ResourceAliases": "alias/clicks" });
    assert_eq!(by_alias["Condition"]["ForAnyValue:StringEquals"], asks);
}

#[test]
fn an_action_that_is_checked_on_a_key_gets_any_where_none_is_named() {
    let grant = Grant::apply(&["kinesis:StartStreamEncryption"], On::Key("kms_key"));
    let resource = |key: Value| statements(grant, &json!({ "kms_key": key }))[0]["Resource"][0].clone();
    for key in [Value::Null, json!("alias/aws/kinesis"), json!("alias/clicks")] {
        assert_eq!(resource(key), "arn:aws:kms:eu-west-1:123456789012:key/*");
    }
    assert_eq!(resource(json!("1234")), "arn:aws:kms:eu-west-1:123456789012:key/1234");
}

#[test]
fn actions_on_the_same_are_one_statement() {
    let mut allowed = Allowed::default();
    allowed.add(&["s3:B", "s3:A"], ["arn:1".to_owned()], &Conditions::new());
    allowed.add(&["s3:A"], ["arn:2".to_owned()], &Conditions::new());
    allowed.add(&["s3:B", "s3:C"], ["arn:2".to_owned()], &Conditions::new());
    let statements = allowed.statements();
    let both = json!({ "Effect": "Allow", "Action": ["s3:A", "s3:B"], "Resource": ["arn:1", "arn:2"] });
    assert_eq!(statements, [both, json!({ "Effect": "Allow", "Action": ["s3:C"], "Resource": ["arn:2"] })]);
}

#[test]
fn prefixes_stand_for_the_environments_own_names_and_no_others() {
    let widened = |arn: &str| {
        let mut allowed = Allowed::default();
        allowed.add(&["a:B"], [arn.to_owned()], &Conditions::new());
        allowed.by_prefix("acme", "dev").statements()[0]["Resource"][0].as_str().unwrap().to_owned()
    };
    for (arn, wide) in [
        ("arn:aws:kinesis:r:1:stream/acme-dev-clicks", "arn:aws:kinesis:r:1:stream/acme-dev-*"),
        ("arn:aws:sns:r:1:acme-dev-alerts", "arn:aws:sns:r:1:acme-dev-*"),
        ("arn:aws:s3:::acme-dev-events/*", "arn:aws:s3:::acme-dev-*/*"),
        (
            "arn:aws:logs:r:1:log-group:/f/acme-dev-c:log-stream:D",
            "arn:aws:logs:r:1:log-group:/f/acme-dev-*:log-stream:D",
        ),
        ("arn:aws:ssm:r:1:parameter/acme/dev/events/key", "arn:aws:ssm:r:1:parameter/acme/dev/*"),
    ] {
        assert_eq!(widened(arn), wide);
    }
    for arn in
        ["*", "arn:aws:s3:::acme-events-dev", "arn:aws:sns:r:1:my-acme-dev-alerts", "arn:aws:sns:r:1:acme-develop"]
    {
        assert_eq!(widened(arn), arn);
    }
}

/// A statement about so many alarms.
fn about(alarms: usize) -> Value {
    let arn = |number| format!("arn:aws:cloudwatch:eu-west-1:123456789012:alarm:acme-clickstream-dev-{number:05}");
    let resources: Vec<String> = (0..alarms).map(arn).collect();
    json!({ "Effect": "Allow", "Action": ["cloudwatch:PutMetricAlarm"], "Resource": resources })
}

#[test]
fn what_is_too_large_for_an_inline_policy_becomes_managed_ones_and_loses_nothing() {
    assert_eq!(documents(vec![about(100)]).unwrap().len(), 1);
    let many = documents(vec![about(300), about(2)]).unwrap();
    assert!(many.len() > 1 && many.iter().all(|document| size(document) <= 6_144), "{}", many.len());
    let statements = many.iter().flat_map(|document| document["Statement"].as_array().unwrap());
    let resources = statements.flat_map(|one| one["Resource"].as_array().unwrap()).filter_map(Value::as_str);
    assert_eq!(resources.collect::<BTreeSet<_>>().len(), 300);
    assert!(documents(vec![about(1_000)]).is_err(), "ten managed policies are all that a role takes");
}

/// A spec with these branches.
fn spec(branches: &[(&str, &str)]) -> Spec {
    let env = json!({ "name": "prod", "region": "eu-west-1" });
    Spec {
        project: Project { name: "acme".into(), required_version: None },
        env: serde_json::from_value::<Env>(env).unwrap(),
        state: None,
        branches: branches.iter().map(|(branch, env)| ((*branch).to_owned(), (*env).to_owned())).collect(),
        blocks: serde_json::from_value(json!({})).unwrap(),
        policy: crate::spec::policy::Policy::default(),
        prices: crate::spec::prices::Prices::default(),
        moved: Vec::new(),
    }
}

#[test]
fn jobs_of_the_environments_branches_apply_and_those_of_any_branch_plan() {
    let trust = |branches| GitLab::new("gitlab.com", "acme/clicks", &spec(branches)).unwrap().trust(&scope());
    let by_name = trust(&[]).apply;
    let statement = &by_name["Statement"][0];
    assert_eq!(statement["Principal"]["Federated"], "arn:aws:iam::123456789012:oidc-provider/gitlab.com");
    assert_eq!(statement["Action"], "sts:AssumeRoleWithWebIdentity");
    let conditions = json!({ "StringEquals": {
        "gitlab.com:aud": "https://gitlab.com",
        "gitlab.com:sub": ["project_path:acme/clicks:ref_type:branch:ref:prod"],
    } });
    assert_eq!(statement["Condition"], conditions);
    let condition =
        |trust: &Value, operator: &str| trust["Statement"][0]["Condition"][operator]["gitlab.com:sub"].clone();
    let mapped = trust(&[("main", "prod"), ("develop", "dev")]);
    assert_eq!(condition(&mapped.apply, "StringEquals"), json!(["project_path:acme/clicks:ref_type:branch:ref:main"]));
    let pattern = trust(&[("release/*", "prod")]).apply;
    assert_eq!(condition(&pattern, "StringLike"), json!(["project_path:acme/clicks:ref_type:branch:ref:release/*"]));
    assert_eq!(condition(&mapped.plan, "StringLike"), json!(["project_path:acme/clicks:ref_type:branch:ref:*"]));
}

#[test]
fn names_are_compared_whole_and_only_what_is_meant_as_a_pattern_is_one() {
    let branches =
        [("main", "prod"), ("release/*", "prod"), ("release/next", "dev"), ("release/x/*", "dev"), ("rel", "dev")];
    let trust = GitLab::new("gitlab.com", "acme/clicks", &spec(&branches)).unwrap().trust(&scope()).apply;
    let conditions: Vec<&Value> =
        trust["Statement"].as_array().unwrap().iter().map(|statement| &statement["Condition"]).collect();
    let sub = |branch: &str| format!("project_path:acme/clicks:ref_type:branch:ref:{branch}");
    let (audience, subject) = ("gitlab.com:aud", "gitlab.com:sub");
    let url = "https://gitlab.com";
    assert_eq!(
        conditions,
        [
            &json!({ "StringEquals": { audience: url, subject: [sub("main")] } }),
            &json!({
                "StringEquals": { audience: url },
                "StringLike": { subject: [sub("release/*")] },
                "StringNotLike": { subject: [sub("release/next"), sub("release/x/*")] },
            }),
        ],
        "what another environment's line names more closely is that one's"
    );
}

#[test]
fn the_state_is_listed_below_the_environments_folder_alone() {
    let place = StatePlace { bucket: "acme-state".into(), folder: "pipectl".into(), parameters: None };
    for (folder, prefix) in [("pipectl", "pipectl/dev/*"), ("", "dev/*")] {
        let (place, registry, graph) =
            (StatePlace { folder: folder.into(), ..place.clone() }, Registry::new(Vec::new()), Graph::default());
        let (scope, state) = (scope(), Some(&place));
        let subject = Subject {
            registry: &registry,
            graph: &graph,
            scope: &scope,
            project: "acme",
            env: "dev",
            state,
            boundary: None,
            by_prefix: false,
        };
        let policies = policies(&subject).unwrap();
        for documents in [&policies.plan, &policies.apply] {
            let statements = documents.iter().flat_map(|document| document["Statement"].as_array().unwrap());
            let lists = statements.filter(|one| one["Resource"] == json!(["arn:aws:s3:::acme-state"]));
            for list in lists {
                assert_eq!(list["Action"], json!(["s3:ListBucket", "s3:ListBucketVersions"]));
                assert_eq!(list["Condition"], json!({ "StringLike": { "s3:prefix": prefix } }));
            }
        }
    }
}

#[test]
fn what_would_be_a_pattern_is_allowed_nothing() {
    let grant = Grant::apply(&["iam:PassRole"], On::Arns(&["{role_arn}"]));
    for role in ["arn:aws:iam::123456789012:role/*", "arn:aws:iam::123456789012:role/r?", "${aws:userid}"] {
        assert_eq!(statements(grant, &json!({ "role_arn": role })), [Value::Null; 0], "{role}");
    }
}

#[test]
fn nobody_is_let_in_by_a_wild_card() {
    let gitlab = |host, project| GitLab::new(host, project, &spec(&[]));
    assert!(gitlab("gitlab.example.com", "group/sub-group/project.x").is_ok());
    for project in ["project", "group/*", "group/", "/project", "group/pro ject", "*/project", "group/p:ref_type:tag"] {
        assert!(matches!(gitlab("gitlab.com", project), Err(NotGitLab::Project(_))), "{project}");
    }
    for host in ["", "https://gitlab.com", "*", "gitlab.com/"] {
        assert!(matches!(gitlab(host, "group/project"), Err(NotGitLab::Host(_))), "{host}");
    }
}
