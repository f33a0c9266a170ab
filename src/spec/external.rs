//! Blocks that exist already and are somebody else's: `[stream.orders] external = "arn:…"`.
//!
//! Such a block stands where one of one's own would stand, so that every reference to it works unchanged. Nothing of it is
//! made, changed, tagged or deleted.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::arn::Arn;
use super::check::Checks;
pub use super::lookup::{FoundBy, Lookup, Output, Producer};
use super::names::{Name, Space};
use super::tree::{Node, Table};
use super::{Spec, kms};
use crate::model::scope::Scope;

pub(super) use super::tree::EXTERNAL as KEY;
/// The keys that an external block takes.
pub(super) const KEYS: [&str; 2] = [KEY, "kms_key"];

/// Whether a key may stand in a table: beside `external` only those that an external block takes.
pub(super) fn allows(schema: &Value, table: &Table, key: &str) -> bool {
    let external = table.contains_key(KEY) && schema["properties"].get(KEY).is_some();
    !external || schema["properties"].get(key).is_none() || KEYS.contains(&key)
}

/// The id of no key, where nobody has looked which one it is.
const NO_KEY: &str = "00000000-0000-0000-0000-000000000000";

/// Whether a block of a kind can be somebody else's.
#[derive(Clone, Copy, Debug)]
pub enum Externals {
    /// It can, and is named by its ARN.
    ByArn(Form),
    /// It can, and is named by its name: what others need of it does not follow from an ARN.
    ByName(&'static Space),
    /// It cannot, for this reason.
    Never(&'static str),
}

/// What the ARNs of a kind look like.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    /// The service in it: `kinesis`.
    pub service: &'static str,
    /// What stands before the name: `stream/`.
    pub prefix: &'static str,
    /// What AWS puts behind the name, as a pattern of policies: `-??????` of a secret.
    pub suffix: &'static str,
    /// What stands in it of where it is.
    pub within: Within,
    /// What its name may be.
    pub name: &'static Space,
    /// Whether its data can be encrypted with a customer's KMS key.
    pub keyed: bool,
}

/// What an ARN says of where a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Within {
    /// Region and account.
    Region,
    /// The account alone, as of what IAM has.
    Account,
    /// Neither, as of a bucket.
    World,
}

impl Form {
    /// An ARN of that form.
    pub fn arn(&self, name: &str, scope: &Scope) -> String {
        let Self { service, prefix, suffix, .. } = self;
        match self.within {
            Within::Region => scope.arn(service, &format!("{prefix}{name}{suffix}")),
            Within::Account => scope.global_arn(service, &format!("{prefix}{name}{suffix}")),
            Within::World => scope.bucket_arn(name),
        }
    }

    /// The name in an ARN of that form; absent where it has another.
    fn name_in<'a>(&self, arn: &Arn<'a>) -> Option<&'a str> {
        let said = (!arn.region.is_empty(), !arn.account.is_empty());
        let whole = arn.service == self.service
            && said
                == match self.within {
                    Within::Region => (true, true),
                    Within::Account => (false, true),
                    Within::World => (false, false),
                };
        let rest = arn.resource.strip_prefix(self.prefix).filter(|_| whole)?;
        if self.suffix.is_empty() {
            return Some(rest);
        }
        let (name, made_up) = rest.split_at_checked(rest.len().checked_sub(self.suffix.len())?)?;
        made_up.starts_with('-').then_some(name)
    }

    /// One as an example.
    fn example(&self, region: &str) -> String {
        self.arn("NAME", &Scope::new("123456789012", region)).replace('?', "x")
    }
}

/// A block that exists already, and is somebody else's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct External {
    /// How it is found.
    pub external: FoundBy,
    /// The customer's KMS key that encrypts its data: where AWS may not be asked for it, which is so of many in another
    /// account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<String>,
    /// What it was found to be; absent where nobody has looked.
    #[serde(skip)]
    pub found: Option<Found>,
}

/// What somebody else's block was found to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its ARN; of an API, which has none that others need, its name.
    pub arn: String,
    /// The customer's KMS key that encrypts its data, where AWS said so.
    pub kms_key: Option<String>,
    /// The state that named it, where that is one of another environment of pipectl's.
    pub state: Option<String>,
    /// Whether this environment is registered there as a user of it.
    pub registered: bool,
}

impl External {
    /// What a spec says, its texts filled in by `fill`; absent where it says nothing that can be read.
    pub(super) fn written(by: &Node, fill: impl Fn(&str) -> String, found: Option<&Found>) -> Option<Self> {
        let mut external = FoundBy::deserialize(by.to_json()).ok()?;
        match &mut external {
            FoundBy::Arn(arn) => *arn = fill(arn),
            FoundBy::Other(by) => by.name = by.name.as_deref().map(fill),
        }
        Some(Self { external, kms_key: None, found: found.cloned() })
    }

    /// Its name in AWS; that of the block where it is known only once somebody has looked, for what is worked out and not used.
    pub fn name(&self, externals: Externals, block: &str) -> String {
        let unknown = || match externals {
            // What takes a key takes nothing that could be none.
            Externals::ByArn(form) if form.service == "kms" => NO_KEY.to_owned(),
            Externals::ByArn(_) | Externals::ByName(_) | Externals::Never(_) => block.to_owned(),
        };
        self.known_name(externals).unwrap_or_else(unknown)
    }

    /// Its name in AWS, where it is known.
    pub fn known_name(&self, externals: Externals) -> Option<String> {
        let named = match (&self.found, &self.external) {
            (Some(found), _) => Some(found.arn.as_str()),
            (None, FoundBy::Arn(arn)) => Some(arn.as_str()),
            (None, FoundBy::Other(by)) => by.name.as_deref(),
        };
        named.map(|named| name_of(externals, named).to_owned())
    }

    /// Its ARN in a scope, which is its own where the ARN says nothing else.
    pub fn arn(&self, form: &Form, block: &str, scope: &Scope) -> String {
        match (&self.found, &self.external) {
            (Some(found), _) if found.arn.starts_with("arn:") => found.arn.clone(),
            (None, FoundBy::Arn(arn)) => arn.clone(),
            (_, by) => {
                let account = match by {
                    FoundBy::Other(Lookup { account: Some(account), .. }) => account,
                    FoundBy::Other(_) | FoundBy::Arn(_) => &scope.account,
                };
                let scope = Scope { account: account.clone(), ..scope.clone() };
                form.arn(&self.name(Externals::ByArn(*form), block), &scope)
            }
        }
    }

    /// Whether something else than the spec has to be read for its name.
    pub fn is_named_elsewhere(&self) -> bool {
        matches!(&self.external, FoundBy::Other(by) if by.name.is_none())
    }

    /// Whether whoever owns it is kept from deleting it, as far as pipectl can.
    pub fn is_kept(&self) -> bool {
        matches!(&self.external, FoundBy::Other(by) if by.tfstate.is_none() && by.output.is_some() && !by.weak)
    }

    /// Whether it is known to be in another account than this one.
    pub fn is_outside(&self, account: &str) -> bool {
        self.account().is_some_and(|own| own != account)
    }

    /// The customer's KMS key that encrypts its data, as far as it is known.
    pub fn key(&self) -> Option<&str> {
        let found = self.found.as_ref().and_then(|found| found.kms_key.as_deref());
        found.or(self.kms_key.as_deref())
    }

    /// The account that it is in; absent where nothing says it: then it is the environment's own.
    pub fn account(&self) -> Option<&str> {
        let arn = match (&self.found, &self.external) {
            (_, FoundBy::Other(Lookup { account: Some(account), .. })) => return Some(account),
            (Some(found), _) => found.arn.as_str(),
            (None, FoundBy::Arn(arn)) => arn.as_str(),
            (None, FoundBy::Other(_)) => return None,
        };
        Arn::parse(arn).map(|arn| arn.account).filter(|account| !account.is_empty())
    }

    /// Its name, where nothing of one's own may have it as well: it is in the environment's own account.
    pub(super) fn own_name(&self, externals: Externals, block: &str, spec: &Spec) -> Option<Name> {
        let space = match externals {
            Externals::ByArn(form) => form.name,
            Externals::ByName(space) => space,
            Externals::Never(_) => return None,
        };
        let known = match (&self.found, &self.external) {
            (Some(_), _) | (None, FoundBy::Arn(_)) => true,
            (None, FoundBy::Other(by)) => by.name.is_some(),
        };
        let foreign = self.account().is_some_and(|account| spec.env.account_id.as_deref() != Some(account));
        let name = self.name(externals, block);
        (known && !foreign && space.holds(&name)).then(|| Name::new(space, name, KEY))
    }

    /// Checks that it names one thing, of the right kind and where it can be reached.
    pub(super) fn check(&self, kind: &str, externals: Externals, spec: &Spec, checks: &mut Checks<'_>) {
        let form = match externals {
            Externals::ByArn(form) => Some(form),
            Externals::ByName(_) => None,
            Externals::Never(why) => {
                checks
                    .error(KEY, format!("a {kind} cannot be external: {why}"))
                    .help("take `external` out, and say what it is to be");
                return;
            }
        };
        match &self.external {
            FoundBy::Arn(arn) => {
                if let Some((message, help)) = fault(arn, externals, &spec.env.region) {
                    checks.error(KEY, message).help(help);
                }
            }
            FoundBy::Other(by) => by.check(kind, externals, spec, checks),
        }
        match (&self.kms_key, form) {
            (Some(_), form) if !form.is_some_and(|form| form.keyed) => {
                checks
                    .error("kms_key", format!("nothing of an external {kind} is encrypted with a key of its own"))
                    .help("take `kms_key` out");
            }
            (Some(key), _) if !names_one_key(key) && self.is_foreign(spec) => {
                checks
                    .error("kms_key", "a key of another account is named by its ARN")
                    .help("ask its owner for the ARN of the key: `arn:aws:kms:…:key/…`");
            }
            (key, _) => kms::check("kms_key", key.as_ref(), spec, checks),
        }
    }

    /// Whether it is known to be in another account than the environment.
    fn is_foreign(&self, spec: &Spec) -> bool {
        let own = spec.env.account_id.as_deref();
        matches!((self.account(), own), (Some(account), Some(own)) if account != own)
    }
}

/// Whether a text is the ARN of a key itself, and not of an alias: policies of another account name no alias.
fn names_one_key(key: &str) -> bool {
    Arn::parse(key).is_some_and(|arn| arn.service == "kms" && arn.resource.starts_with("key/"))
}

/// The name in an ARN, or the text itself where it is none of that form.
fn name_of(externals: Externals, named: &str) -> &str {
    match externals {
        Externals::ByArn(form) => {
            // A pattern for what AWS puts behind the name, where that is not known.
            if let Some((_, name)) = named.strip_suffix(form.suffix).and_then(|whole| whole.split_once(form.prefix))
                && !form.suffix.is_empty()
            {
                return name;
            }
            Arn::parse(named).and_then(|arn| form.name_in(&arn)).unwrap_or(named)
        }
        Externals::ByName(_) | Externals::Never(_) => named,
    }
}

/// What is wrong with a text that is to be the ARN of something external in a region: message and help.
pub fn fault(arn: &str, externals: Externals, region: &str) -> Option<(String, String)> {
    let form = match externals {
        Externals::ByArn(form) => form,
        Externals::ByName(_) => {
            let message = "it is named by its name, not by an ARN: its metrics know no other".to_owned();
            return Some((message, "write `external = { name = \"…\" }`".to_owned()));
        }
        Externals::Never(why) => return Some((why.to_owned(), "take `external` out".to_owned())),
    };
    let what = form.name.what();
    let help = format!("write `{}`", form.example(region));
    let Some(parsed) = Arn::parse(arn) else {
        return Some((format!("`{arn}` is not the ARN of one {what}"), help));
    };
    if let Some(elsewhere) = parsed.elsewhere(region) {
        return Some((format!("the {what} {elsewhere}"), help));
    }
    let Some(name) = form.name_in(&parsed) else {
        return Some((format!("`{arn}` is not the ARN of a {what}"), help));
    };
    if form.within == Within::Region && parsed.region != region {
        let there = parsed.region;
        let message = format!("the {what} is in region `{there}`, and everything else in `{region}`");
        return Some((message, format!("name one of `{region}`")));
    }
    misnamed(name, externals)
}

/// What is wrong with a name of something external: message and help.
pub fn misnamed(name: &str, externals: Externals) -> Option<(String, String)> {
    let space = match externals {
        Externals::ByArn(form) => form.name,
        Externals::ByName(space) => space,
        Externals::Never(_) => return None,
    };
    let message = format!("`{name}` is not the name of a {}", space.what());
    (!space.holds(name)).then(|| (message, space.described()))
}
