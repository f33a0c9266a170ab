//! Environment variables that hold somebody's value already: none of them can hold a secret's, for what reads it would read
//! that, or the value of another thing would become the secret.

/// Who reads a variable: by its name, or by how the name begins. Upper case; names count whatever their case.
const READERS: [(&str, &[&str], &[&str]); 6] = [
    ("AWS's tools", &["AMAZON_", "AWS_", "BOTO_", "ECS_", "SAM_"], &["BOTO_CONFIG"]),
    (
        "CI",
        &[
            "ACTIONS_",
            "AZURE_",
            "BITBUCKET_",
            "BUILDKITE_",
            "CIRCLE_",
            "CI_",
            "CODEBUILD_",
            "DRONE_",
            "FF_",
            "GITEA_",
            "GITHUB_",
            "GITLAB_",
            "JENKINS_",
            "RUNNER_",
            "TEAMCITY_",
            "TRAVIS_",
        ],
        &["CHAT_CHANNEL", "CI", "COMMENT_TOKEN", "TRIGGER_PAYLOAD"],
    ),
    ("pipectl", &["PIPECTL_"], &["S3_BUCKET_SSM", "S3_FOLDER_SSM"]),
    (
        "whatever speaks to the network",
        &["CURL_", "OPENSSL_", "REQUESTS_", "SSH_", "SSLKEY", "SSL_"],
        &["ALL_PROXY", "FTP_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "NETRC", "RES_OPTIONS", "LOCALDOMAIN"],
    ),
    (
        "the system",
        &["DBUS_", "DYLD_", "GLIBC_", "GCONV_", "LC_", "LD_", "LSAN_", "MALLOC_", "ASAN_", "SYSTEMD_", "XDG_", "BASH_"],
        &[
            "BASHOPTS",
            "CDPATH",
            "CLICOLOR",
            "CLICOLOR_FORCE",
            "COLORTERM",
            "COLUMNS",
            "DISPLAY",
            "EDITOR",
            "ENV",
            "EUID",
            "FORCE_COLOR",
            "HOME",
            "HOSTALIASES",
            "HOSTNAME",
            "IFS",
            "INPUTRC",
            "LANG",
            "LANGUAGE",
            "LINES",
            "LOGNAME",
            "MAIL",
            "NLSPATH",
            "NO_COLOR",
            "OLDPWD",
            "PAGER",
            "PATH",
            "PATHEXT",
            "PPID",
            "PROMPT_COMMAND",
            "PS1",
            "PS2",
            "PS4",
            "PWD",
            "SHELL",
            "SHELLOPTS",
            "SHLVL",
            "SYSTEMROOT",
            "TEMP",
            "TERM",
            "TERMINFO",
            "TMP",
            "TMPDIR",
            "TZ",
            "TZDIR",
            "UID",
            "USER",
            "USERPROFILE",
            "VISUAL",
            "WINDIR",
            "ZDOTDIR",
            "_",
        ],
    ),
    (
        "a tool that a `build` may run",
        &[
            "ANSIBLE_",
            "CARGO_",
            "CONDA_",
            "DOCKER_",
            "GIT_",
            "GPG_",
            "JAVA_",
            "JDK_",
            "KUBE",
            "MAVEN_",
            "MINISTACK_",
            "NODE_",
            "NPM_",
            "OTEL_",
            "PERL",
            "PIP_",
            "POETRY_",
            "PYTHON",
            "RUBY",
            "RUST",
            "SNOWSQL_",
            "TERRAFORM_",
            "TF_",
            "TWINE_",
            "UV_",
            "VAULT_",
            "VIRTUAL_",
            "YARN_",
        ],
        &[
            "CC",
            "CFLAGS",
            "CXX",
            "GEM_HOME",
            "GEM_PATH",
            "GOBIN",
            "GOFLAGS",
            "GOPATH",
            "GOPROXY",
            "GOROOT",
            "MAKEFLAGS",
        ],
    ),
];

/// Whose credential a variable of that name holds, or the way to one: of AWS's tools everything (a profile and a role are
/// ways to one), of CI what is a token or a password, of pipectl everything.
pub(super) fn credential(variable: &str) -> Option<&'static str> {
    const TOKENS: [&str; 6] = ["TOKEN", "JWT", "PASSWORD", "SECRET", "CREDENTIAL", "PRIVATE_KEY"];
    let name = variable.to_ascii_uppercase();
    let ways = name.starts_with("ACTIONS_") || ["CI_REPOSITORY_URL", "TRIGGER_PAYLOAD"].contains(&name.as_str());
    let secret = ways || TOKENS.iter().any(|word| name.contains(word));
    match reader(variable) {
        _ if name.starts_with("PIPECTL_") => Some("pipectl"),
        Some("AWS's tools") => Some("AWS's tools"),
        Some("CI") if secret => Some("CI"),
        _ if ["GH_", "GLAB_", "GITHUB", "GITLAB", "SYSTEM_ACCESS"].iter().any(|tool| name.starts_with(tool))
            && secret =>
        {
            Some("CI")
        }
        _ => None,
    }
}

/// Whether a variable can have that name.
pub(super) fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit()) && name.chars().all(plain)
}

/// How the names of variables begin that pipectl keeps for secrets.
pub(super) const OWN: &str = "PIPECTL_SECRET_";

/// Who reads a variable of that name already.
pub fn reader(variable: &str) -> Option<&'static str> {
    let name = variable.to_ascii_uppercase();
    if variable.strip_prefix(OWN).is_some_and(|rest| !rest.is_empty()) {
        return None;
    }
    let reads = |(_, beginnings, names): &&(&str, &[&str], &[&str])| {
        beginnings.iter().any(|beginning| name.starts_with(beginning)) || names.contains(&name.as_str())
    };
    READERS.iter().find(reads).map(|(who, ..)| *who)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_variable_that_something_reads_can_hold_a_secret() {
        for (variable, who) in [
            ("AWS_SECRET_ACCESS_KEY", "AWS's tools"),
            ("aws_session_token", "AWS's tools"),
            ("CI", "CI"),
            ("CI_JOB_TOKEN", "CI"),
            ("GITLAB_TOKEN", "CI"),
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "CI"),
            ("PIPECTL_LEASE_SECONDS", "pipectl"),
            ("PIPECTL_SECRET_", "pipectl"),
            ("pipectl_secret_x", "pipectl"),
            ("S3_BUCKET_SSM", "pipectl"),
            ("https_proxy", "whatever speaks to the network"),
            ("SSL_CERT_FILE", "whatever speaks to the network"),
            ("PATH", "the system"),
            ("Path", "the system"),
            ("HOME", "the system"),
            ("LD_PRELOAD", "the system"),
            ("PYTHONPATH", "a tool that a `build` may run"),
            ("npm_config_registry", "a tool that a `build` may run"),
            ("GIT_SSH_COMMAND", "a tool that a `build` may run"),
        ] {
            assert_eq!(reader(variable), Some(who), "{variable}");
        }
        for variable in ["PIPECTL_SECRET_SALT", "PIPECTL_SECRET_PATH", "WEATHER_KEY", "SALT", "PAGER_TOKEN", "PATHS"] {
            assert_eq!(reader(variable), None, "{variable}");
        }
    }
}
