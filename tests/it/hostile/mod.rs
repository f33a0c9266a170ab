//! What comes from elsewhere: specs, replies and files that are out of all bounds, untrue, or written to steer a terminal.

mod input;
mod network;
mod printing;
mod replies;
mod stopping;

use crate::support::cli::Cli;
use crate::support::liar::Liar;

/// A stream, with the state in a bucket: what is asked first is who the caller is, what is asked next is the state.
const STREAM: &str = r#"
[project]
name = "acme"
[env]
region = "us-east-1"
[state]
bucket = "acme-state"
folder = "pipectl"
[stream.clicks]
mode = "on-demand"
"#;

/// A project whose AWS is a liar.
fn project(liar: &Liar) -> Cli {
    against(&liar.endpoint()).file("envs/dev.toml", STREAM)
}

/// A folder whose AWS is at an endpoint.
fn against(endpoint: &str) -> Cli {
    let cli = Cli::new().env("AWS_ENDPOINT_URL", endpoint).env("AWS_EC2_METADATA_DISABLED", "true");
    cli.env("AWS_ACCESS_KEY_ID", "777700000001").env("AWS_SECRET_ACCESS_KEY", "secret")
}
