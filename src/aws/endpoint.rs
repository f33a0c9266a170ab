//! The endpoints that the environment and the profile name. The SDK passes over one that is no URL, and asks AWS itself, or it
//! panics.

use hyper::Uri;

use super::profile;

/// As in every tool of AWS's; with a service's name behind it, that service's alone.
const VARIABLE: &str = "AWS_ENDPOINT_URL";
/// The same in a profile.
const SETTING: &str = "endpoint_url";

/// Refuses an endpoint that is no URL.
///
/// # Errors
/// Which one, and where it is set.
pub(super) async fn check(profile: Option<&str>) -> Result<(), String> {
    let service = |name: &str| name.strip_prefix(VARIABLE).is_some_and(|end| end.is_empty() || end.starts_with('_'));
    let all = std::env::vars_os().map(|(name, value)| (name.to_string_lossy().into_owned(), value));
    for (name, value) in all.filter(|(name, _)| service(name)) {
        told(&name, &value.to_string_lossy())?;
    }
    // Whoever sets the variable is not asked about the profile.
    if std::env::var_os(VARIABLE).is_some() {
        return Ok(());
    }
    match profile::setting(profile, SETTING).await {
        Some(url) => told(&format!("`{SETTING}` of the profile"), &url),
        None => Ok(()),
    }
}

fn told(name: &str, url: &str) -> Result<(), String> {
    let said = url.escape_debug();
    match url {
        "" => Err(format!("{name} is empty: unset it, or give it a URL: http://… or https://…")),
        url if is_url(url) => Ok(()),
        _ => Err(format!("{name} is `{said}`, and must be a URL: http://… or https://…")),
    }
}

fn is_url(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else { return false };
    let scheme = matches!(uri.scheme_str(), Some("http" | "https"));
    let port = uri
        .authority()
        .is_none_or(|all| !all.as_str().contains(':') || all.port_u16().is_some() || all.as_str().ends_with(']'));
    scheme && port && uri.host().is_some_and(|host| !host.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_url_with_a_host_is_one() {
        for good in [
            "http://127.0.0.1:4566",
            "https://vpce-1.kinesis.eu-west-1.vpce.amazonaws.com",
            "HTTP://h/",
            "http://[::1]:80",
        ] {
            assert!(is_url(good), "{good}");
        }
        for bad in [
            "localhost:4566",
            " ",
            "https://",
            "http://a b",
            "ftp://x",
            "https:///path",
            "http://[::1",
            "http://:1",
            "http://h:99999",
        ] {
            assert!(!is_url(bad), "{bad}");
        }
        assert!(told(VARIABLE, "").unwrap_err().contains("is empty: unset it"));
    }
}
