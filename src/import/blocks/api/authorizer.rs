//! The table `authorizer`, from the methods of an API and who tells for them.

use serde_json::{Map, Value, json};

use crate::import::blocks::{Sketch, uses};
use crate::import::live::{items, text};

/// The one authorizer that a block makes.
const NAME: &str = "authorizer";

/// What the block says, and the function that it names.
pub(super) type Told = (Value, Option<String>);

/// Who tells whether a caller may call these routes, or why no block can say it.
pub(super) fn told(sketch: &Sketch<'_>, live: &Value, routes: &Map<String, Value>) -> Result<Option<Told>, String> {
    let way = |route: &String| {
        let method = &live["methods"][route];
        json!([method["authorization"], method["authorizer"], method["scopes"]])
    };
    let open = |way: &Value| matches!(text(&way[0]), "" | "NONE");
    let (except, guarded): (Vec<&String>, Vec<&String>) = routes.keys().partition(|route| open(&way(route)));
    let Some(first) = guarded.first().map(|route| way(route)) else { return Ok(None) };
    if let Some(other) = guarded.iter().find(|route| way(route) != first) {
        return Err(format!("`{}` and `{other}` are authorized in two ways, and a block has one", guarded[0]));
    }
    let except = (!except.is_empty()).then_some(except);
    if first[0] == "AWS_IAM" {
        return Ok(Some((json!({ "iam": true, "except": except }), None)));
    }
    let authorizer = &live["authorizers"][NAME];
    let others = live["authorizers"].as_object().is_some_and(|all| all.len() > 1);
    let foreign = authorizer["credentials"].is_string() || authorizer["validation"].is_string();
    if first[1] != NAME || !authorizer.is_object() || others || foreign {
        return Err(format!("its authorizer `{}` is not as a block would make it", text(&first[1])));
    }
    let function = match authorizer["function_arn"].as_str() {
        None => None,
        Some(arn) => {
            let name = uses::function(&sketch.place.scope, arn);
            let address = name.and_then(|name| sketch.address("lambda_function", name));
            Some(
                address
                    .ok_or_else(|| format!("{arn} authorizes its callers, which is no function that is taken over"))?,
            )
        }
    };
    let identity: Vec<String> = items(&authorizer["identity_sources"]).map(|source| asked(text(source))).collect();
    let usual = identity == ["header:Authorization"];
    let pools = items(&authorizer["user_pools"]).next().is_some().then(|| authorizer["user_pools"].clone());
    let said = json!({
        "function": function,
        "gets": (authorizer["type"] == "REQUEST").then_some("request"),
        "user_pools": pools,
        "scopes": first[2],
        "identity": (!usual).then_some(identity),
        "cache_seconds": Some(&authorizer["ttl_seconds"]).filter(|ttl| **ttl != 300),
        "except": except,
    });
    Ok(Some((said, function)))
}

/// What a request has, as a block says it.
fn asked(source: &str) -> String {
    for (before, word) in
        [("method.request.header.", "header"), ("method.request.querystring.", "query"), ("stageVariables.", "stage")]
    {
        if let Some(name) = source.strip_prefix(before) {
            return format!("{word}:{name}");
        }
    }
    source.strip_prefix("context.").map_or_else(|| source.to_owned(), |name| format!("context:{name}"))
}
