//! What secrets become, and what their readers may do.

use serde_json::json;

use super::{about, attributes, graph};

const SECRETS: &str = r#"
[secret.weather-key]
kms_key = "alias/secrets"
[secret.salt]
variable = "SALT"
[secret.token]
generate = { punctuation = true }
[function.forecast]
code = "functions/forecast"
runtime = "python3.13"
handler = "app.handler"
tracing = false
environment = { KEY = "${secret.weather-key.name}" }
uses = ["secret.weather-key:read"]
"#;

#[test]
fn a_secret_says_where_its_value_comes_from_and_never_what_it_is() {
    let graph = graph(SECRETS, &[]);
    let from = |address: &str| attributes(&graph, address)["value_from"].clone();
    assert_eq!(from("secret.weather-key"), json!({ "variable": "PIPECTL_SECRET_WEATHER_KEY" }));
    assert_eq!(from("secret.salt"), json!({ "variable": "SALT" }));
    assert_eq!(from("secret.token"), json!({ "generated": { "length": 32, "punctuation": true } }));
    assert_eq!(graph.outputs["secret.salt.arn"], json!({ "of": "secret.salt", "output": "arn" }));
}

#[test]
fn who_reads_a_secret_gets_the_value_of_that_one_and_the_use_of_its_key() {
    let graph = graph(SECRETS, &[]);
    let policy = &attributes(&graph, "function.forecast/role")["policies"]["function"]["Statement"];
    let environment = &attributes(&graph, "function.forecast")["environment"];
    assert_eq!(environment["KEY"], "acme-test-weather-key");
    insta::assert_snapshot!(about(policy, "secret"), @r#"
    {"Action":["kms:Decrypt"],"Condition":{"ForAnyValue:StringEquals":{"kms:ResourceAliases":["alias/secrets"]},"StringEquals":{"kms:ViaService":["secretsmanager.eu-west-1.amazonaws.com"]},"StringLike":{"kms:EncryptionContext:SecretARN":["arn:aws:secretsmanager:eu-west-1:123456789012:secret:acme-test-weather-key-??????"]}},"Effect":"Allow","Resource":["arn:aws:kms:eu-west-1:123456789012:key/*"]}
    {"Action":["secretsmanager:GetSecretValue"],"Effect":"Allow","Resource":["arn:aws:secretsmanager:eu-west-1:123456789012:secret:acme-test-weather-key-??????"]}
    "#);
}
