//! A statement is made once, also where the reply was lost, and changed as a whole.

use serde_json::json;

use super::*;
use crate::aws::kinds::athena::prepared_statement::ListPreparedStatements;
use crate::aws::scripted::{Reply, Scripted, broken, done, ok, refused, step};
use crate::aws::slim::tests::is_as_modelled;
use crate::catalog::ResourceType as _;

const SHOW: &str = "GetPreparedStatement";
const MAKE: &str = "CreatePreparedStatement";
const CHANGE: &str = "UpdatePreparedStatement";
const DROP: &str = "DeletePreparedStatement";

fn by_day() -> Spec {
    Spec {
        workgroup: "lake".into(),
        name: "by_day".into(),
        description: "Of a day".into(),
        query: "SELECT 1 WHERE day = ?".into(),
    }
}

fn live(spec: &Spec) -> Reply {
    let mut statement = json!({
        "StatementName": spec.name, "QueryStatement": spec.query, "WorkGroupName": spec.workgroup,
        "LastModifiedTime": 1_795_901_205.247,
    });
    if !spec.description.is_empty() {
        statement["Description"] = json!(spec.description);
    }
    ok(SHOW, json!({ "PreparedStatement": statement }))
}

fn none() -> Reply {
    refused(SHOW, "ResourceNotFoundException", "PreparedStatement by_day was not found in workGroup lake")
}

#[tokio::test]
async fn it_reads_back_as_it_was_written_and_a_missing_one_and_one_without_workgroup_are_absent() {
    let read = PreparedStatement::read(&Scripted::new([live(&by_day())]).aws().await, "lake|by_day", None).await;
    let (spec, _, unmodelled) = read.unwrap().unwrap();
    assert_eq!((PreparedStatement::key(&spec), spec, unmodelled.len()), ("lake|by_day".into(), by_day(), 0));
    for absent in [none(), refused(SHOW, "InvalidRequestException", "WorkGroup lake is not found.")] {
        let service = Scripted::new([absent]);
        assert!(PreparedStatement::read(&service.aws().await, "lake|by_day", None).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn what_exists_is_refused_and_nothing_is_sent() {
    let service = Scripted::new([live(&by_day())]);
    let error = PreparedStatement::create(&service.aws().await, &by_day(), &step()).await.unwrap_err();
    assert_eq!((error.class, service.operations()), (Class::InUse, vec![SHOW.to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn a_creation_whose_reply_was_lost_is_in_its_own_way_and_reads_as_made() {
    let taken = refused(MAKE, "InvalidRequestException", "PreparedStatement by_day already exists in workGroup lake");
    let service = Scripted::new([none(), broken(MAKE), taken, live(&by_day())]);
    let aws = service.aws().await;
    let error = PreparedStatement::create(&aws, &by_day(), &step()).await.unwrap_err();
    // An apply reads it then, and takes it for its own.
    assert_eq!((error.class, service.all(MAKE, "StatementName").len()), (Class::InUse, 2));
    assert_eq!(PreparedStatement::read(&aws, "lake|by_day", None).await.unwrap().unwrap().0, by_day());
}

#[tokio::test]
async fn an_update_tells_all() {
    let service = Scripted::new([done(CHANGE)]);
    let want = Spec { query: "SELECT 2 WHERE day = ?".into(), ..by_day() };
    PreparedStatement::update(&service.aws().await, &by_day(), &want, &step()).await.unwrap();
    let sent = json!({
        "WorkGroup": "lake", "StatementName": "by_day", "QueryStatement": "SELECT 2 WHERE day = ?",
        "Description": "Of a day",
    });
    assert_eq!(service.last(CHANGE), sent);
    PreparedStatement::update(&Scripted::new([]).aws().await, &want, &want, &step()).await.unwrap();
}

#[tokio::test]
async fn a_description_that_aws_keeps_goes_with_a_new_statement() {
    let want = Spec { description: String::new(), ..by_day() };
    let service = Scripted::new([done(CHANGE), live(&want)]);
    PreparedStatement::update(&service.aws().await, &by_day(), &want, &step()).await.unwrap();
    assert_eq!(service.operations(), [CHANGE, SHOW]);
    let service = Scripted::new([done(CHANGE), live(&by_day()), done(DROP), done(MAKE)]);
    PreparedStatement::update(&service.aws().await, &by_day(), &want, &step()).await.unwrap();
    assert_eq!(service.operations(), [CHANGE, SHOW, DROP, MAKE]);
    assert!(service.last(MAKE).get("Description").is_none());
}

#[tokio::test]
async fn a_missing_one_counts_as_deleted() {
    for reply in [done(DROP), refused(DROP, "ResourceNotFoundException", "was not found")] {
        let service = Scripted::new([reply]);
        PreparedStatement::delete(&service.aws().await, "lake|by_day", &step()).await.unwrap();
        assert_eq!(service.last(DROP), json!({ "WorkGroup": "lake", "StatementName": "by_day" }));
    }
}

#[test]
fn who_executes_it_is_thought_of_beforehand() {
    let said = |want: Option<&Spec>| PreparedStatement::warnings(Some(&by_day()), want);
    assert_eq!(said(None), ["`EXECUTE by_day` fails in `lake` from then on."]);
    let other = Spec { query: "SELECT 2".into(), ..by_day() };
    assert_eq!(said(Some(&other)), ["`EXECUTE by_day` runs the new statement from then on."]);
    assert_eq!(said(Some(&Spec { description: String::new(), ..by_day() })), [""; 0]);
}

#[tokio::test]
async fn calls_are_those_of_awss_model() {
    let got = is_as_modelled(&GetPreparedStatement { work_group: "lake", statement_name: "by_day" }).await;
    let live = got.prepared_statement.unwrap();
    assert!([live.statement_name, live.query_statement, live.description].iter().all(Option::is_some));
    let list = ListPreparedStatements { work_group: "lake", max_results: 50, next_token: Some("a+/=") };
    let page = is_as_modelled(&list).await;
    assert_eq!(page.prepared_statements.unwrap()[0].statement_name.as_deref(), Some("x&<é"));
    assert!(page.next_token.is_some());
    is_as_modelled(&CreatePreparedStatement(Definition::of(&by_day()))).await;
    is_as_modelled(&UpdatePreparedStatement(Definition::of(&by_day()))).await;
    is_as_modelled(&DeletePreparedStatement { work_group: "lake", statement_name: "by_day" }).await;
}
