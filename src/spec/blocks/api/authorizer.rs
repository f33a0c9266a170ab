//! Who tells whether a caller may call: `[api.<name>.authorizer]`.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Api;
use crate::spec::Ref;
use crate::spec::blocks::function::Function;
use crate::spec::check::Checks;
use crate::spec::nearest::nearest;

/// Who tells whether a caller may call: IAM, a function, or user pools of Cognito.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Authorizer {
    /// Whether IAM does: who calls signs the request, and has `execute-api:Invoke` in a policy.
    #[serde(default)]
    pub iam: bool,
    /// The function that tells, with a policy that it answers.
    #[serde(default)]
    pub function: Option<Ref<Function>>,
    /// Of a function: what it gets.
    #[serde(default)]
    pub gets: Gets,
    /// The ARNs of user pools of Cognito whose tokens open the API.
    #[serde(default)]
    #[schemars(
        length(max = 10),
        inner(regex(pattern = r"^arn:[a-z-]+:cognito-idp:[a-z0-9-]+:[0-9]{12}:userpool/[A-Za-z0-9_-]+$"))
    )]
    pub user_pools: BTreeSet<String>,
    /// Of user pools: the scopes of which an access token has to have one; absent: an identity token opens the API.
    #[serde(default)]
    #[schemars(inner(length(min = 1, max = 256)))]
    pub scopes: BTreeSet<String>,
    /// Where in a request the token is, or of a function that gets the request, what that has to have: `header:Authorization`,
    /// `query:token`, `stage:name`, `context:identity.sourceIp`. A request without one is refused with status 401.
    #[serde(default = "authorization")]
    #[schemars(length(max = 10), inner(regex(pattern = "^(header|query|stage|context):[A-Za-z0-9._-]+$")))]
    pub identity: BTreeSet<String>,
    /// How long the word of the function or the pools is good for the same token, in seconds; 0 asks each time.
    #[serde(default = "five_minutes")]
    #[schemars(range(min = 0, max = 3600))]
    pub cache_seconds: u32,
    /// The routes that are open all the same.
    #[serde(default)]
    pub except: BTreeSet<String>,
}

/// What a function that authorizes gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Gets {
    /// The token alone.
    #[default]
    Token,
    /// The whole request, but for its body.
    Request,
}

fn authorization() -> BTreeSet<String> {
    ["header:Authorization".to_owned()].into()
}

fn five_minutes() -> u32 {
    300
}

impl Authorizer {
    /// Whether a route asks for it.
    pub fn guards(&self, route: &str) -> bool {
        !self.except.contains(route)
    }

    /// The headers that it looks at.
    pub fn headers(&self) -> Vec<&str> {
        if self.iam {
            return vec!["Authorization", "X-Amz-Date", "X-Amz-Security-Token"];
        }
        self.identity.iter().filter_map(|source| source.strip_prefix("header:")).collect()
    }
}

/// Checks that one tells, and what it looks at.
pub(super) fn check(api: &Api, checks: &mut Checks<'_>) {
    let Some(authorizer) = &api.authorizer else { return };
    let ways = [authorizer.iam, authorizer.function.is_some(), !authorizer.user_pools.is_empty()];
    if ways.iter().filter(|way| **way).count() != 1 {
        checks
            .error("authorizer", "one of `iam`, `function` and `user_pools` tells whether a caller may call")
            .help("write one of them: `authorizer = { iam = true }`");
        return;
    }
    if !authorizer.scopes.is_empty() && authorizer.user_pools.is_empty() {
        checks.error("authorizer.scopes", "only the tokens of user pools have scopes").help("take `scopes` out");
    }
    let token = authorizer.function.is_none() || authorizer.gets == Gets::Token;
    let one_header = authorizer.identity.len() == 1 && authorizer.identity.iter().all(|it| it.starts_with("header:"));
    if token && !authorizer.iam && !one_header {
        checks.error("authorizer.identity", "a token is in one header").help(
            "write `identity = [\"header:Authorization\"]`, or let a function have the request: `gets = \"request\"`",
        );
    }
    if !token && authorizer.identity.is_empty() && authorizer.cache_seconds > 0 {
        checks
            .error(
                "authorizer.identity",
                "what a function says of a request is kept by what that has, and nothing is named",
            )
            .help("name what tells callers apart, or write `cache_seconds = 0`");
    }
    for route in authorizer.except.iter().filter(|route| !api.routes.contains_key(*route)) {
        let near = nearest(route, api.routes.keys().map(String::as_str));
        let help = near
            .map_or_else(|| "write it as it stands in `routes`".to_owned(), |near| format!("did you mean `{near}`?"));
        checks.error("authorizer.except", format!("this API has no route `{route}`")).help(help);
    }
}
