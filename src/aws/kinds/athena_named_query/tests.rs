//! A query is found among all of its workgroup, asked for once; one is saved once, however often that is tried.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::*;
use crate::aws::scripted::{Reply, Scripted, broken, done, ok, refused, step};
use crate::aws::slim::tests::is_as_modelled;
use crate::catalog::ResourceType as _;

const MAKE: &str = "CreateNamedQuery";
const ALL: &str = "ListNamedQueries";
const SHOW: &str = "BatchGetNamedQuery";

fn clicks() -> Spec {
    Spec {
        workgroup: "lake".into(),
        name: "clicks".into(),
        description: "How often".into(),
        database: "lake".into(),
        query: "SELECT 1".into(),
    }
}

fn listed(ids: &[&str], next: Option<&str>) -> Reply {
    ok(ALL, json!({ "NamedQueryIds": ids, "NextToken": next }))
}

fn live(id: &str, name: &str) -> Value {
    json!({
        "NamedQueryId": id, "Name": name, "Description": "How often", "Database": "lake", "QueryString": "SELECT 1",
        "WorkGroup": "lake",
    })
}

fn shown(queries: &[Value]) -> Reply {
    ok(SHOW, json!({ "NamedQueries": queries, "UnprocessedNamedQueryIds": [] }))
}

fn made(id: &str) -> Reply {
    ok(MAKE, json!({ "NamedQueryId": id }))
}

/// That an id is none of a query.
fn gone(id: &str) -> Reply {
    let why =
        json!({ "NamedQueryId": id, "ErrorCode": "INVALID_INPUT", "ErrorMessage": "NamedQuery 1 does not exist" });
    ok(SHOW, json!({ "NamedQueries": [], "UnprocessedNamedQueryIds": [why] }))
}

#[tokio::test]
async fn all_queries_of_a_workgroup_are_asked_for_at_once_over_all_pages() {
    let service = Scripted::new([
        listed(&["1", "2"], Some("more")),
        shown(&[live("1", "clicks"), live("2", "visits")]),
        listed(&["3"], None),
        shown(&[live("3", "a|b")]),
    ]);
    let aws = service.aws().await;
    let keys = ["lake|clicks", "lake|visits", "lake|a|b", "lake|none"];
    let read = join_all(keys.map(|key| NamedQuery::read(&aws, key, None))).await;
    let ids: Vec<Option<String>> = read.into_iter().map(|one| one.unwrap().map(|(_, outputs, _)| outputs.id)).collect();
    assert_eq!(ids, [Some("1".into()), Some("2".into()), Some("3".into()), None]);
    assert_eq!(service.operations(), [ALL, SHOW, ALL, SHOW]);
    assert_eq!(service.all(ALL, "NextToken"), ["", "more"]);
}

#[tokio::test]
async fn of_one_name_the_first_by_id_counts_and_the_others_are_named() {
    let service = Scripted::new([listed(&["9", "3"], None), shown(&[live("9", "clicks"), live("3", "clicks")])]);
    let read = NamedQuery::read(&service.aws().await, "lake|clicks", None).await.unwrap();
    let (spec, outputs, unmodelled) = read.unwrap();
    assert_eq!((NamedQuery::key(&spec), spec, outputs.id.as_str()), ("lake|clicks".into(), clicks(), "3"));
    assert_eq!((unmodelled.len(), unmodelled[0].value.as_str()), (1, "9"));
}

#[tokio::test]
async fn without_its_workgroup_there_is_none_and_what_cannot_be_shown_is_an_error() {
    let absent = refused(ALL, "InvalidRequestException", "WorkGroup lake is not found.");
    assert!(NamedQuery::read(&Scripted::new([absent]).aws().await, "lake|clicks", None).await.unwrap().is_none());
    let service = Scripted::new([listed(&["1"], None), gone("1")]);
    assert!(NamedQuery::read(&service.aws().await, "lake|clicks", None).await.unwrap().is_none());
    let busy = json!({ "NamedQueryId": "1", "ErrorCode": "THROTTLED", "ErrorMessage": "Rate exceeded" });
    let busy = ok(SHOW, json!({ "UnprocessedNamedQueryIds": [busy] }));
    let service = Scripted::new([listed(&["1"], None), busy]);
    let error = NamedQuery::read(&service.aws().await, "lake|clicks", None).await.unwrap_err();
    assert!(error.message.contains("Rate exceeded"), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_call_whose_reply_was_lost_is_made_again_with_the_same_token() {
    let service = Scripted::new([listed(&[], None), broken(MAKE), made("1"), shown(&[live("1", "clicks")])]);
    let (spec, outputs, _) = NamedQuery::create(&service.aws().await, &clicks(), &step()).await.unwrap().unwrap();
    assert_eq!((spec, outputs.id.as_str()), (clicks(), "1"));
    let tokens = service.all(MAKE, "ClientRequestToken");
    assert_eq!((tokens.len(), tokens[0].len(), &tokens[0]), (2, 64, &tokens[1]));
    // Another content has another token.
    let other = Spec { description: "How".into(), database: " oftenlake".into(), ..clicks() };
    assert_ne!(CreateNamedQuery::of(&other, &[]).client_request_token, tokens[0]);
}

#[tokio::test(start_paused = true)]
async fn what_was_saved_and_deleted_before_is_saved_anew() {
    // As long as AWS remembers the token it answers with the id of the deleted one.
    let looks = std::iter::repeat_with(|| gone("1")).take(6);
    let replies = [listed(&[], None), made("1"), made("2")].into_iter().chain(looks);
    let service = Scripted::new(replies.chain([shown(&[live("2", "clicks")])]));
    let (_, outputs, _) = NamedQuery::create(&service.aws().await, &clicks(), &step()).await.unwrap().unwrap();
    assert_eq!(outputs.id, "2");
    let tokens = service.all(MAKE, "ClientRequestToken");
    assert_eq!(tokens.len(), 2);
    assert_ne!(tokens[0], tokens[1]);
}

#[tokio::test]
async fn what_exists_is_refused_and_nothing_is_sent() {
    let service = Scripted::new([listed(&["1"], None), shown(&[live("1", "clicks")])]);
    let error = NamedQuery::create(&service.aws().await, &clicks(), &step()).await.unwrap_err();
    assert_eq!((error.class, service.operations()), (Class::InUse, vec![ALL.to_owned(), SHOW.to_owned()]));
}

#[tokio::test]
async fn the_one_that_is_shown_is_deleted_and_a_missing_one_counts_as_done() {
    let both = || shown(&[live("9", "clicks"), live("3", "clicks")]);
    let service = Scripted::new([listed(&["9", "3"], None), both(), done("DeleteNamedQuery")]);
    NamedQuery::delete(&service.aws().await, "lake|clicks", &step()).await.unwrap();
    assert_eq!(service.last("DeleteNamedQuery"), json!({ "NamedQueryId": "3" }));
    let absent = refused("DeleteNamedQuery", "InvalidRequestException", "NamedQuery 3 was not found");
    let service = Scripted::new([listed(&["9", "3"], None), both(), absent]);
    NamedQuery::delete(&service.aws().await, "lake|clicks", &step()).await.unwrap();
    let service = Scripted::new([listed(&[], None)]);
    NamedQuery::delete(&service.aws().await, "lake|clicks", &step()).await.unwrap();
}

#[tokio::test]
async fn calls_are_those_of_awss_model() {
    const ID: &str = "11111111-0000-4000-8000-000000000000";
    let page =
        is_as_modelled(&ListNamedQueries { work_group: "lake", max_results: 50, next_token: Some("a+/=") }).await;
    assert_eq!((page.named_query_ids.unwrap(), page.next_token.unwrap()), (vec!["x&<é".to_owned()], "x&<é".to_owned()));
    let got = is_as_modelled(&BatchGetNamedQuery { named_query_ids: &[ID.to_owned()] }).await;
    let (spec, id) = got.named_queries.unwrap().remove(0).into_spec("lake");
    assert!([spec.name, spec.description, spec.database, spec.query, id].iter().all(|text| text == "x&<é"));
    let unprocessed = &got.unprocessed_named_query_ids.unwrap()[0];
    assert_eq!((unprocessed.code.as_str(), unprocessed.message.as_str()), ("x&<é", "x&<é"));
    let clicks = clicks();
    let mut create = CreateNamedQuery::of(&clicks, &[]);
    create.client_request_token = "e".repeat(64);
    assert_eq!(is_as_modelled(&create).await.named_query_id.unwrap(), "x&<é");
    is_as_modelled(&DeleteNamedQuery { named_query_id: ID }).await;
}
