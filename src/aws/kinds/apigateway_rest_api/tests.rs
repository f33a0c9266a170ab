//! An API is made once, whatever becomes of the call; and is found among others of its name.

use crate::model::tags::Tags;
use serde_json::{Value, json};
use std::collections::BTreeMap;

use super::*;
use crate::aws::scripted::{Scripted, broken, ok, refused, step};

const LIST: &str = "GET /restapis";
const MAKE: &str = "POST /restapis";

fn events() -> Spec {
    let methods = BTreeMap::new();
    Spec { name: "events".into(), description: String::new(), endpoint_type: regional(), methods, tags: Tags::new() }
}

/// An API of that name, as a listing has it.
fn api(id: &str, name: &str, tags: &Value) -> Value {
    json!({ "id": id, "name": name, "tags": tags })
}

fn listed(apis: &[Value]) -> Value {
    json!({ "item": apis })
}

/// What becomes of a creation, and what it asks for.
async fn created(replies: Vec<crate::aws::scripted::Reply>) -> (Result<()>, Vec<String>) {
    let service = Scripted::new(replies);
    let made = RestApi::create(&service.aws().await, &events(), &step()).await;
    (made.map(drop), service.operations())
}

#[tokio::test]
async fn one_whose_reply_is_lost_is_found_and_not_made_twice() {
    let lost = listed(&[api("a1", "events", &json!({}))]);
    let (made, asked) = created(vec![ok(LIST, listed(&[])), broken(MAKE), ok(LIST, lost)]).await;
    made.unwrap();
    assert_eq!(asked, [LIST, MAKE, LIST]);
}

#[tokio::test]
async fn one_that_was_not_made_is_told_and_not_asked_for_again() {
    let (made, asked) = created(vec![ok(LIST, listed(&[])), broken(MAKE), ok(LIST, listed(&[]))]).await;
    assert_eq!(made.unwrap_err().class, Class::Other);
    assert_eq!(asked, [LIST, MAKE, LIST]);
}

#[tokio::test(start_paused = true)]
async fn one_that_comes_too_soon_after_another_waits() {
    let throttled = || refused(MAKE, "TooManyRequestsException", "Too Many Requests");
    let replies = vec![ok(LIST, listed(&[])), throttled(), throttled(), ok(MAKE, json!({ "id": "a1" }))];
    let (made, asked) = created(replies).await;
    made.unwrap();
    assert_eq!(asked, [LIST, MAKE, MAKE, MAKE]);
}

#[tokio::test]
async fn among_several_of_a_name_the_one_with_our_tags_is_meant() {
    let ours = json!({ "pipectl:project": "acme" });
    let found = async |apis: &[Value]| {
        let service = Scripted::new([ok(LIST, listed(apis))]);
        find(&service.aws().await, "events").await.map(|api| api.and_then(|api| api.id))
    };
    let other = api("b2", "clicks", &ours);
    assert_eq!(found(std::slice::from_ref(&other)).await.unwrap(), None);
    let (foreign, mine) = (api("c3", "events", &json!({})), api("d4", "events", &ours));
    assert_eq!(found(&[other, foreign.clone()]).await.unwrap().as_deref(), Some("c3"));
    assert_eq!(found(&[foreign, mine.clone()]).await.unwrap().as_deref(), Some("d4"));
    assert_eq!(found(&[mine.clone(), mine]).await.unwrap_err().class, Class::Conflict);
}
