//! API keys of API Gateway: without their values.

use serde_json::json;

use super::{Exported, Parts, Stays, TerraformKeys, Typed, filled, known, tag_list};
use crate::catalog::apigateway_api_key::{ApiKey, Spec};
use crate::export::parts::cloudformation::{self, properties};
use crate::export::parts::terraform;
use crate::model::scope::Scope;

impl Exported for ApiKey {
    const TERRAFORM_TYPE: &'static str = "aws_api_gateway_api_key";
    // It names itself by its id; of that, nothing else knows.
    const TERRAFORM_KEYS: &'static [TerraformKeys] = &[("aws_api_gateway_api_key", |it| super::named_by(it, "name"))];
    const GET_ATT: Option<&'static str> = None;
    const STAYS: &'static [Stays] = &[];

    fn name(spec: &Spec) -> Option<&str> {
        Some(&spec.name)
    }

    fn arn(_scope: &Scope, _spec: &Spec) -> Option<String> {
        None
    }

    fn terraform(_it: &Typed<'_, Self>) -> Parts<terraform::Part> {
        Err("Terraform would write its value into its state in plain text; the key goes on existing")
    }

    fn cloudformation(it: &Typed<'_, Self>) -> Parts<cloudformation::Part> {
        let Spec { name, description, enabled, tags } = it.spec;
        let key = properties([
            ("Name", json!(name)),
            ("Description", filled(description)),
            ("Enabled", json!(enabled)),
            ("Tags", tag_list(tags)),
        ]);
        let id = known(&it.outputs.id)?;
        Ok(vec![cloudformation::Part::new("AWS::ApiGateway::ApiKey", [("APIKeyId", id)], key)])
    }
}
