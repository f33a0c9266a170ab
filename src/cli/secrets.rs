//! The values of new secrets: from the environment, or asked for where a terminal does not show them.

use std::env;
use std::io::IsTerminal as _;

use anyhow::anyhow;
use secrecy::SecretString;

use super::failure::Failure;
use super::printer::Printer;
use crate::engine::planfile::Plan;
use crate::model::address::Address;
use crate::ops::Fault;
use crate::ops::secrets::needed;
use crate::ops::site::Site;
use crate::report::style::Clean;
use crate::spec::blocks::secret::Secret;
use crate::spec::variable::reader;
use crate::spec::{Declared, Spec};

/// The most that Secrets Manager takes, in bytes.
const LONGEST: usize = 65_536;

/// Gives the site the values of all secrets that the plan makes: before anything is changed, so that none is missed half-way.
pub(super) async fn give(site: &Site, plan: &Plan, printer: Printer) -> Result<(), Failure> {
    for (variable, secrets) in needed(plan) {
        let secrets = secrets.iter().copied().map(Address::to_string).collect::<Vec<_>>().join(", ");
        // The spec is refused that says so; a state or a plan of before may say it still.
        if let Some(who) = reader(variable) {
            let refused = format!("{variable} cannot hold the value of {secrets}: {who} reads or sets it");
            return Err(Fault::helped(anyhow!(refused), "give the secret another `variable` in the spec").into());
        }
        let value = match env::var(variable) {
            Ok(value) if !value.is_empty() => value,
            Err(env::VarError::NotUnicode(_)) => {
                return Err(Failure::new(format!("{variable}, the value of {secrets}, is not UTF-8")));
            }
            _ if std::io::stdin().is_terminal() && printer.watched => {
                printer.hidden(&format!("Value of {}", Clean(&secrets))).await?
            }
            _ => return Err(missing(variable, &secrets).into()),
        };
        if value.len() > LONGEST {
            return Err(Failure::new(format!("the value of {secrets} has more than {LONGEST} bytes")));
        }
        site.secrets.give(variable, SecretString::from(value));
    }
    Ok(())
}

/// Whether an apply of the spec may have to ask for a value: nobody else is to wait for the answer.
pub(super) fn may_ask(spec: &Spec, printer: Printer) -> bool {
    let unset = |(name, secret): (&String, &Declared<Secret>)| {
        secret.generate.is_none() && env::var_os(secret.variable(name)).is_none_or(|value| value.is_empty())
    };
    std::io::stdin().is_terminal() && printer.watched && spec.blocks.secret.own().iter().any(unset)
}

fn missing(variable: &str, secrets: &str) -> Fault {
    Fault::helped(
        anyhow!("{secrets} has no value yet, and nobody is there to ask for it"),
        format!(
            "set the environment variable {variable}, in GitLab as a masked and protected variable, and apply again"
        ),
    )
}
