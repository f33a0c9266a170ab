//! Items of tables, as far as they are looked for: by keys that are texts, for the texts in them.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};

use super::error::failed;
use super::{Aws, Result};
use crate::model::data::{Item, ItemKey};
use crate::model::error::{CallError, Class};

/// How many keys one BatchGetItem takes.
const KEYS_PER_CALL: usize = 100;
const CALL: &str = "dynamodb BatchGetItem";

/// The items under these keys, as they are now. What DynamoDB leaves unprocessed is left out: whoever waits for items asks
/// again.
pub(super) async fn items(aws: &Aws, table: &str, keys: &[ItemKey]) -> Result<Vec<Item>> {
    let client = aws.client(Client::new).await;
    let mut items = Vec::new();
    for keys in keys.chunks(KEYS_PER_CALL) {
        let asked =
            KeysAndAttributes::builder().consistent_read(true).set_keys(Some(keys.iter().map(values).collect()));
        let asked = asked.build().map_err(|error| CallError::own(Class::Invalid, CALL, error.to_string()))?;
        let reply = client.batch_get_item().request_items(table, asked).send().await.map_err(failed(CALL))?;
        let found = reply.responses.unwrap_or_default().remove(table).unwrap_or_default();
        items.extend(found.into_iter().map(|item| read(&item, keys)));
    }
    Ok(items)
}

fn values(key: &ItemKey) -> HashMap<String, AttributeValue> {
    key.iter().map(|(name, value)| (name.clone(), AttributeValue::S(value.clone()))).collect()
}

/// An item whose key has the attributes of the keys that were asked for.
fn read(item: &HashMap<String, AttributeValue>, keys: &[ItemKey]) -> Item {
    let mut texts = Vec::new();
    for value in item.values() {
        collect(value, &mut texts);
    }
    let names = keys.iter().flat_map(ItemKey::keys);
    let key = names.filter_map(|name| Some((name.clone(), item.get(name)?.as_s().ok()?.clone())));
    Item { key: key.collect(), texts }
}

/// Adds every text in a value.
fn collect(value: &AttributeValue, texts: &mut Vec<String>) {
    match value {
        AttributeValue::S(text) => texts.push(text.clone()),
        AttributeValue::Ss(all) => texts.extend(all.iter().cloned()),
        AttributeValue::L(all) => {
            for value in all {
                collect(value, texts);
            }
        }
        AttributeValue::M(all) => {
            for value in all.values() {
                collect(value, texts);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::aws::scripted::{Scripted, ok};

    #[tokio::test]
    async fn items_are_asked_for_by_the_hundred_and_their_texts_are_found_however_deep() {
        let item = json!({
            "session_id": { "S": "s-1" },
            "views": { "N": "2" },
            "events": { "SS": ["e-1", "e-2"] },
            "last": { "M": { "event": { "S": "e-3" }, "pages": { "L": [{ "S": "/" }, { "NULL": true }] } } },
        });
        let replies = [
            ok("BatchGetItem", json!({ "Responses": { "sessions": [item] } })),
            ok("BatchGetItem", json!({ "Responses": { "sessions": [] }, "UnprocessedKeys": {} })),
        ];
        let script = Scripted::new(replies);
        let key = |number: usize| ItemKey::from([("session_id".to_owned(), format!("s-{number}"))]);
        let keys: Vec<ItemKey> = (1..=101).map(key).collect();
        let found = items(&script.aws().await, "sessions", &keys).await.unwrap();
        let [Item { key: of, texts }] = &found[..] else { panic!("{found:?}") };
        assert_eq!(*of, key(1));
        let mut texts = texts.clone();
        texts.sort();
        assert_eq!(texts, ["/", "e-1", "e-2", "e-3", "s-1"]);
    }
}
