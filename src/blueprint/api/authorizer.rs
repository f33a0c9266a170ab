//! Who tells whether a caller of an API may call, as its methods have it.

use std::collections::BTreeMap;

use crate::blueprint::BuildContext;
use crate::catalog::apigateway_rest_api::{self, Method};
use crate::catalog::lambda_permission;
use crate::model::address::Address;
use crate::model::graph::What;
use crate::spec::blocks::api::{Api, Authorizer, Gets};

/// The name of the one authorizer of an API.
const NAME: &str = "authorizer";

impl Api {
    /// The authorizers of the API, by name: none, where IAM or nobody tells.
    pub(super) fn authorizers(&self, site: &BuildContext<'_>) -> BTreeMap<String, apigateway_rest_api::Authorizer> {
        let Some(own) = self.authorizer.as_ref().filter(|own| !own.iam) else { return BTreeMap::new() };
        let kind = match (&own.function, own.gets) {
            (None, _) => "COGNITO_USER_POOLS",
            (Some(_), Gets::Token) => "TOKEN",
            (Some(_), Gets::Request) => "REQUEST",
        };
        let authorizer = apigateway_rest_api::Authorizer {
            kind: kind.to_owned(),
            function_arn: own.function.as_ref().map(|function| site.resolve(function).arn),
            credentials: None,
            user_pools: own.user_pools.clone(),
            identity_sources: own.identity.iter().map(|source| asked(source)).collect(),
            validation: None,
            ttl_seconds: own.cache_seconds,
        };
        BTreeMap::from([(NAME.to_owned(), authorizer)])
    }

    /// Lets a route ask whether a caller may call.
    pub(super) fn guarded(&self, route: &str, method: Method) -> Method {
        let Some(own) = self.authorizer.as_ref().filter(|own| own.guards(route)) else { return method };
        let authorization = match own {
            Authorizer { iam: true, .. } => "AWS_IAM",
            Authorizer { function: Some(_), .. } => "CUSTOM",
            Authorizer { .. } => "COGNITO_USER_POOLS",
        };
        Method {
            authorization: authorization.to_owned(),
            authorizer: (!own.iam).then(|| NAME.to_owned()),
            scopes: own.scopes.clone(),
            ..method
        }
    }

    /// Lets API Gateway call the function that tells; who may call another owner's is that owner's to say.
    pub(super) fn add_authorizer(&self, site: &mut BuildContext<'_>, api: &str) -> Option<Address> {
        let function = self.authorizer.as_ref()?.function.as_ref()?;
        site.flow(site.address.clone(), What::Data, function.address());
        if site.is_external(&function.address()) {
            return None;
        }
        let permission = lambda_permission::Spec {
            function: site.resolve(function).name,
            statement_id: format!("{api}-authorizer"),
            principal: super::PRINCIPAL.to_owned(),
            source_arn: None,
            source_account: None,
            api: Some(lambda_permission::Api { name: api.to_owned(), calls: "authorizers/*".to_owned() }),
        };
        let needs = [site.address.clone(), function.address()];
        Some(site.add_part("permission-authorizer", permission, needs))
    }
}

/// What a request has, as AWS has it.
fn asked(source: &str) -> String {
    match source.split_once(':') {
        Some(("header", name)) => format!("method.request.header.{name}"),
        Some(("query", name)) => format!("method.request.querystring.{name}"),
        Some(("stage", name)) => format!("stageVariables.{name}"),
        Some((_, name)) => format!("context.{name}"),
        None => source.to_owned(),
    }
}
