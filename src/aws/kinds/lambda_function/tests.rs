//! Functions on a service that answers from a script: the states that emulators skip.

use crate::catalog::ResourceType as _;
use serde_json::{Value, json};

use super::*;
use crate::aws::scripted::{Reply, Scripted, ok, refused, step, xml};

const CREATE: &str = "POST /2015-03-31/functions";
const GET: &str = "GET /2015-03-31/functions/process";
const CODE: &str = "PUT /2015-03-31/functions/process/code";
const CONFIGURE: &str = "PUT /2015-03-31/functions/process/configuration";

/// The example, under a name of its own and with the digest of its folder.
fn function() -> Spec {
    let examples: toml::Table = toml::from_str(Function::EXAMPLES).unwrap();
    let mut spec: Spec = examples["first"].clone().try_into().unwrap();
    spec.name = "process".to_owned();
    Function::resolve_local_files(&mut spec).unwrap();
    spec
}

fn shown(state: &str, update: &str) -> Reply {
    let configuration = json!({ "FunctionName": "process", "State": state, "StateReason": "no room", "LastUpdateStatus": update,
        "LastUpdateStatusReason": "no key" });
    ok(GET, json!({ "Configuration": configuration, "Tags": {} }))
}

#[tokio::test(start_paused = true)]
async fn a_role_that_lambda_cannot_assume_yet_is_waited_for_and_so_is_the_function() {
    let unknown = refused(
        CREATE,
        "InvalidParameterValueException",
        "The role defined for the function cannot be assumed by Lambda.",
    );
    let service = Scripted::new([
        unknown.clone(),
        unknown,
        ok(CREATE, json!({ "FunctionName": "process" })),
        shown("Pending", "InProgress"),
        shown("Active", "Successful"),
    ]);
    Function::create(&service.aws().await, &function(), &step()).await.unwrap();
    assert_eq!(service.operations(), [CREATE, CREATE, CREATE, GET, GET]);
    let asked = service.last(CREATE);
    assert_eq!(asked["LoggingConfig"]["LogGroup"], "/aws/lambda/conformance-process");
    assert!(asked["Code"]["ZipFile"].as_str().is_some_and(|zip| zip.starts_with("UEsD")), "{asked}");
}

#[tokio::test(start_paused = true)]
async fn a_function_that_fails_to_be_made_says_why() {
    let service = Scripted::new([ok(CREATE, json!({})), shown("Failed", "Failed")]);
    let error = Function::create(&service.aws().await, &function(), &step()).await.unwrap_err();
    assert_eq!((error.class, error.message.as_str()), (Class::Stuck, "it is Failed: no room"));
}

#[tokio::test(start_paused = true)]
async fn each_change_waits_until_the_one_before_is_in_effect() {
    let service = Scripted::new([
        shown("Active", "InProgress"),
        shown("Active", "Successful"),
        ok(CODE, json!({})),
        shown("Active", "InProgress"),
        shown("Active", "Successful"),
        refused(CONFIGURE, "ResourceConflictException", "The operation cannot be performed at this time."),
        ok(CONFIGURE, json!({})),
        shown("Active", "Successful"),
    ]);
    let want = function();
    let mut now = Spec { memory_mb: 128, ..want.clone() };
    now.code.sha256 = Some("another".to_owned());
    Function::update(&service.aws().await, &now, &want, &step()).await.unwrap();
    assert_eq!(service.operations(), [GET, GET, CODE, GET, GET, CONFIGURE, CONFIGURE, GET]);
    assert_eq!(service.last(CODE)["Architectures"], json!(["x86_64"]), "AWS forgets it otherwise");
    assert_eq!(service.last(CONFIGURE)["MemorySize"], 256);
}

#[tokio::test(start_paused = true)]
async fn code_that_has_not_changed_is_not_uploaded() {
    let service =
        Scripted::new([shown("Active", "Successful"), ok(CONFIGURE, json!({})), shown("Active", "Successful")]);
    let want = function();
    let now = Spec { timeout_seconds: 3, ..want.clone() };
    Function::update(&service.aws().await, &now, &want, &step()).await.unwrap();
    assert!(!service.operations().contains(&CODE.to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_function_whose_last_change_failed_takes_another() {
    let service = Scripted::new([shown("Active", "Failed"), ok(CONFIGURE, json!({})), shown("Active", "Successful")]);
    let want = function();
    let now = Spec { timeout_seconds: 3, ..want.clone() };
    Function::update(&service.aws().await, &now, &want, &step()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn other_files_than_those_that_were_planned_are_not_uploaded() {
    let mut want = function();
    want.code.sha256 = Some("that of the plan".to_owned());
    let service = Scripted::new([]);
    let error = Function::create(&service.aws().await, &want, &step()).await.unwrap_err();
    assert_eq!(error.class, Class::Conflict);
    assert!(error.message.contains("have changed since they were planned"), "{error}");
    assert_eq!(service.operations(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn tags_that_the_caller_may_not_see_are_no_empty_tags() {
    let hidden = json!({ "Configuration": { "FunctionName": "process", "State": "Active" },
        "TagsError": { "ErrorCode": "AccessDeniedException", "Message": "no" } });
    let service = Scripted::new([ok(GET, hidden)]);
    let error = Function::read(&service.aws().await, "process", None).await.unwrap_err();
    assert_eq!(error.class, Class::Denied);
    assert_eq!(service.last(GET), Value::Null);
}

#[tokio::test(start_paused = true)]
async fn a_function_whose_role_was_made_again_works_as_another_and_then_as_this_one() {
    let role = "<Role><RoleName>r</RoleName><RoleId>AROA1</RoleId><Path>/</Path><Arn>a</Arn>\
        <CreateDate>2026-01-01T00:00:00Z</CreateDate></Role>";
    let young = "The role defined for the function cannot be assumed by Lambda.";
    let service = Scripted::new([
        shown("Active", "Successful"),
        xml("GetRole", role),
        xml("CreateRole", role),
        refused(CONFIGURE, "InvalidParameterValueException", young),
        ok(CONFIGURE, json!({})),
        shown("Active", "InProgress"),
        shown("Active", "Successful"),
        ok(CONFIGURE, json!({})),
        shown("Active", "Successful"),
        xml("DeleteRole", ""),
    ]);
    let want = function();
    let mut live = want.clone();
    Function::unbind(&mut live);
    Function::update(&service.aws().await, &live, &want, &step()).await.unwrap();
    let asked = [GET, "GetRole", "CreateRole", CONFIGURE, CONFIGURE, GET, GET, CONFIGURE, GET, "DeleteRole"];
    assert_eq!(service.operations(), asked);
    let stand_in = format!("{}-again", want.role_arn);
    assert_eq!(service.all(CONFIGURE, "Role"), [stand_in.as_str(), stand_in.as_str(), want.role_arn.as_str()]);
    assert_eq!(service.last("DeleteRole")["RoleName"], service.last("CreateRole")["RoleName"]);
}

fn image() -> Spec {
    let code = Code { path: String::new(), sha256: None, object: None, image: Some("r/clean@sha256:a".to_owned()) };
    let config = ImageConfig { command: vec!["app.handler".to_owned()], ..ImageConfig::default() };
    let (runtime, handler) = (String::new(), String::new());
    Spec { code, package_type: IMAGE.to_owned(), image_config: Some(config), runtime, handler, ..function() }
}

#[tokio::test(start_paused = true)]
async fn an_image_is_made_with_nothing_that_zip_files_have() {
    let service = Scripted::new([ok(CREATE, json!({})), shown("Active", "Successful")]);
    Function::create(&service.aws().await, &image(), &step()).await.unwrap();
    let asked = service.last(CREATE);
    assert_eq!((&asked["PackageType"], &asked["Code"]), (&json!("Image"), &json!({ "ImageUri": "r/clean@sha256:a" })));
    assert_eq!(asked["ImageConfig"], json!({ "Command": ["app.handler"] }));
    assert!(asked["Runtime"].is_null() && asked["Handler"].is_null() && asked["Layers"].is_null(), "{asked}");
}

#[tokio::test(start_paused = true)]
async fn what_is_set_up_beside_the_code_is_read_back() {
    let layer = "arn:aws:lambda:eu-west-1:123456789012:layer:one:1";
    let configuration = json!({ "FunctionName": "process", "State": "Active", "PackageType": "Image", "CodeSha256": "x",
        "ImageConfigResponse": { "ImageConfig": { "Command": ["app.handler"] } }, "Layers": [{ "Arn": layer }],
        "EphemeralStorage": { "Size": 1024 }, "KMSKeyArn": "arn:aws:kms:eu-west-1:123456789012:key/k",
        "LoggingConfig": { "LogFormat": "JSON", "ApplicationLogLevel": "WARN", "LogGroup": "/a" } });
    let code = json!({ "RepositoryType": "ECR", "ImageUri": "r/clean:latest", "ResolvedImageUri": "r/clean@sha256:a" });
    let reply = json!({ "Configuration": configuration, "Code": code, "Tags": {} });
    let service = Scripted::new([ok(GET, reply)]);
    let (live, _, unmodelled) = Function::read(&service.aws().await, "process", None).await.unwrap().unwrap();
    assert_eq!((&live.code, &live.image_config), (&image().code, &image().image_config));
    assert_eq!((live.layers.as_slice(), live.ephemeral_storage_mb), (&[layer.to_owned()][..], 1024));
    assert_eq!(live.kms_key.as_deref(), Some("arn:aws:kms:eu-west-1:123456789012:key/k"));
    let levels = LogLevels { application: "WARN".to_owned(), system: "INFO".to_owned() };
    assert_eq!((live.log_levels, unmodelled.len()), (Some(levels), 0));
}

#[tokio::test(start_paused = true)]
async fn what_goes_is_taken_away_by_its_empty_value() {
    let service =
        Scripted::new([shown("Active", "Successful"), ok(CONFIGURE, json!({})), shown("Active", "Successful")]);
    let want = function();
    let levels = LogLevels { application: "WARN".to_owned(), system: "INFO".to_owned() };
    let now = Spec {
        layers: vec!["arn:a".to_owned()],
        kms_key: Some("arn:k".to_owned()),
        log_levels: Some(levels),
        ephemeral_storage_mb: 1024,
        ..want.clone()
    };
    Function::update(&service.aws().await, &now, &want, &step()).await.unwrap();
    let asked = service.last(CONFIGURE);
    assert_eq!((&asked["Layers"], &asked["KMSKeyArn"]), (&json!([]), &json!("")));
    assert_eq!(
        (&asked["LoggingConfig"]["LogFormat"], &asked["EphemeralStorage"]["Size"]),
        (&json!("Text"), &json!(512))
    );
}

#[tokio::test(start_paused = true)]
async fn an_object_with_another_digest_than_was_planned_is_an_error() {
    let (bucket, key, version) = ("code".to_owned(), "a.zip".to_owned(), Some("v".to_owned()));
    let object = Some(crate::catalog::lambda_function::CodeObject { bucket, key, version });
    let code = Code { path: String::new(), sha256: Some("planned".to_owned()), object, image: None };
    let configuration = json!({ "FunctionName": "process", "State": "Active", "LastUpdateStatus": "Successful", "CodeSha256": "other" });
    let live = ok(GET, json!({ "Configuration": configuration, "Tags": {} }));
    let service = Scripted::new([ok(CREATE, json!({})), live]);
    let error = Function::create(&service.aws().await, &Spec { code, ..function() }, &step()).await.unwrap_err();
    assert_eq!(error.class, Class::Conflict);
    assert_eq!(error.message, "s3://code/a.zip was planned with the SHA-256 planned, and has other");
    assert_eq!(service.last(CREATE)["Code"], json!({ "S3Bucket": "code", "S3Key": "a.zip", "S3ObjectVersion": "v" }));
}

#[tokio::test(start_paused = true)]
async fn an_environment_that_the_caller_may_not_decrypt_is_no_empty_one() {
    let hidden = json!({ "Configuration": { "FunctionName": "process", "State": "Active",
        "Environment": { "Error": { "ErrorCode": "AccessDeniedException", "Message": "no" } } }, "Tags": {} });
    let service = Scripted::new([ok(GET, hidden)]);
    let error = Function::read(&service.aws().await, "process", None).await.unwrap_err();
    assert_eq!(error.class, Class::Denied);
    assert!(error.message.contains("kms:Decrypt"), "{error}");
}
