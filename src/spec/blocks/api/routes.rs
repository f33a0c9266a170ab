//! The routes of an API: `POST /events/{id}`.

use std::collections::BTreeMap;

use super::Api;
use crate::spec::check::Checks;
use crate::spec::nearest::{listed, nearest};

const METHODS: [&str; 8] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY"];
/// What API Gateway keeps for itself: it asks a stage there whether it lives.
const RESERVED: [&str; 2] = ["/ping", "/sping"];

/// A method and a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route<'a> {
    /// `POST`.
    pub method: &'a str,
    /// `/events/{id}`.
    pub path: &'a str,
}

impl<'a> Route<'a> {
    /// Method and path of a key of `routes`, if it is of that form.
    pub fn of(key: &'a str) -> Option<Self> {
        let (method, path) = key.split_once(' ')?;
        Some(Self { method, path })
    }

    /// Whether `{name}` is a part of its path.
    pub(super) fn has(self, name: &str) -> bool {
        let is = |part: &str| part.trim_start_matches('{').trim_end_matches('}').trim_end_matches('+') == name;
        self.parts().any(|part| part.starts_with('{') && is(part))
    }

    /// The parts of its path; none of `/`.
    fn parts(self) -> impl Iterator<Item = &'a str> {
        self.path.split('/').skip(1).filter(move |_| self.path != "/")
    }
}

/// Checks the form of every route, and that no two are alike.
pub(super) fn check(api: &Api, checks: &mut Checks<'_>) {
    // By the path above it, what stands there for any part.
    let mut variables: BTreeMap<String, &str> = BTreeMap::new();
    for key in api.routes.keys() {
        let path = format!("routes.{key}");
        let Some(route) = Route::of(key) else {
            checks.error(&path, format!("`{key}` is no route")).help("write a method and a path: `POST /events`");
            continue;
        };
        check_method(route, api, &path, checks);
        check_path(route, &path, checks);
        let mut above = String::new();
        for part in route.parts() {
            if part.starts_with('{') {
                let other = *variables.entry(above.clone()).or_insert(part);
                if other != part {
                    checks
                        .error(&path, format!("`{part}` and `{other}` stand in the same place of two routes"))
                        .help("API Gateway cannot tell them apart: give both the same name");
                }
            }
            above = format!("{above}/{part}");
        }
    }
}

fn check_method(route: Route<'_>, api: &Api, path: &str, checks: &mut Checks<'_>) {
    let method = route.method;
    if !METHODS.contains(&method) {
        let near = nearest(&method.to_ascii_uppercase(), METHODS);
        let help = near.map_or_else(
            || format!("it is one of {}", listed(METHODS, "and")),
            |near| format!("did you mean `{near} {}`?", route.path),
        );
        checks.error(path, format!("`{method}` is not a method")).help(help);
    }
    if method == "OPTIONS" && api.cors.is_some() {
        checks.error(path, "with `cors` API Gateway answers `OPTIONS` itself").help("take away one of the two");
    }
}

fn check_path(route: Route<'_>, at: &str, checks: &mut Checks<'_>) {
    let path = route.path;
    if !path.starts_with('/') {
        checks.error(at, format!("the path `{path}` does not begin with `/`")).help(format!("write `/{path}`"));
        return;
    }
    if RESERVED.contains(&path) {
        checks
            .error(at, format!("`{path}` is API Gateway's own, and nothing else answers there"))
            .help("use another path");
    }
    let count = route.parts().count();
    for (i, part) in route.parts().enumerate() {
        if part.is_empty() {
            checks.error(at, format!("the path `{path}` has an empty part")).help("take away the `/` too many");
        } else if !is_part(part) {
            checks
                .error(at, format!("`{part}` cannot be a part of a path"))
                .help("it has letters, digits and `._:-`, or is `{name}`, or `{name+}` at the end");
        } else if part.ends_with("+}") && i + 1 < count {
            checks
                .error(at, format!("nothing can come behind `{part}`, which stands for all that follows"))
                .help(format!("end the path there, or write `{}`", part.replace('+', "")));
        }
    }
}

fn is_part(part: &str) -> bool {
    let fits = |text: &str, more: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
    };
    match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
        Some(name) => fits(name.strip_suffix('+').unwrap_or(name), "_"),
        None => fits(part, "._:-"),
    }
}
