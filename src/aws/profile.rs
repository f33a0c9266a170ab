//! The profiles of the machine's user, and whether the one that the spec or the environment names is there. The SDK passes over one that
//! is not, and ends in a search of the machine's own role.

use aws_config::profile::{self, ProfileSet};
use aws_types::os_shim_internal::{Env, Fs};

/// As in every tool of AWS's.
const VARIABLE: &str = "AWS_PROFILE";

/// What is wrong with `[env] profile`, else with `AWS_PROFILE`, if no file of profiles has the one that it names.
pub(super) async fn missing(of_spec: Option<&str>) -> Option<String> {
    let of_environment = || std::env::var(VARIABLE).ok().filter(|name| !name.is_empty());
    let (said, name) = match of_spec {
        Some(name) => ("`[env] profile`", name.to_owned()),
        None => (VARIABLE, of_environment()?),
    };
    let known = names().await;
    if known.contains(&name) {
        return None;
    }
    let known = if known.is_empty() { "there is none".to_owned() } else { format!("there are: {}", known.join(", ")) };
    let name = name.escape_debug();
    Some(format!("{said} is `{name}`, and no profile has that name; {known}"))
}

/// The names of all profiles, in order; none where the files cannot be read, which the SDK tells itself.
async fn names() -> Vec<String> {
    let mut names: Vec<String> =
        load(None).await.iter().flat_map(|all| all.profiles().map(str::to_owned).collect::<Vec<_>>()).collect();
    names.sort_unstable();
    names
}

/// A setting of the profile that is used: of the one that a spec names, else of the environment's. What is wrong with the profiles is said by whoever looks for credentials in them.
pub(super) async fn setting(profile: Option<&str>, name: &str) -> Option<String> {
    load(profile).await?.get(name).map(str::to_owned)
}

#[expect(clippy::default_trait_access, reason = "its type is of a crate that nothing else here needs")]
async fn load(profile: Option<&str>) -> Option<ProfileSet> {
    let selected = profile.map(|name| name.to_owned().into());
    profile::load(&Fs::real(), &Env::real(), &Default::default(), selected).await.ok()
}
