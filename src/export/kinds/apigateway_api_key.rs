//! API keys of API Gateway: without their values.

use super::{Mapping, filled, tag_list};
use crate::export::parts::cloudformation::{self, properties};

pub(super) const MAPPING: Mapping = Mapping {
    kind: "apigateway_api_key",
    arn: None,
    terraform_type: "aws_api_gateway_api_key",
    // It names itself by its id; of that, nothing else knows.
    terraform_keys: &[("aws_api_gateway_api_key", |it| super::named_by(it, "name"))],
    terraform: |_| Err("Terraform would write its value into its state in plain text; the key goes on existing"),
    get_att: None,
    cloudformation: |it| {
        let key = properties([
            ("Name", it["name"].clone()),
            ("Description", filled(&it["description"])),
            ("Enabled", it["enabled"].clone()),
            ("Tags", tag_list(&it["tags"])),
        ]);
        let id = it.known("id")?;
        Ok(vec![cloudformation::Part::new("AWS::ApiGateway::ApiKey", [("APIKeyId", id)], key)])
    },
    stays: &[],
};
