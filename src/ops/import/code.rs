//! Folders of the project that are the code of live functions: AWS has the code, and tells of it nothing but its digest.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::engine::refresh::LiveResources;
use crate::files::entry;
use crate::files::folders::{self, Folders};
use crate::files::package::{inside, pack};
use crate::files::project::Project;
use crate::import::{Code, Found};

/// What a folder has to be, to be the code of a function.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Wanted<'a> {
    runtime: &'a str,
    handler: &'a str,
    sha256: &'a str,
}

/// Looks for the code of the functions that were found. No folder is packed that has not what a handler of theirs names.
pub(super) fn of(found: &[Found], world: &LiveResources) -> Code {
    let functions = found.iter().filter(|one| one.kind == "lambda_function");
    let live = functions.filter_map(|one| world.get(&one.kind, &one.key)).map(|live| &*live.attributes);
    let mut wanted: BTreeSet<Wanted<'_>> = live.map(wanted).collect();
    let mut code = Code::default();
    if wanted.is_empty() {
        return code;
    }
    let Ok(project) = Project::here() else { return code };
    let Folders { paths, all } = folders::of(&project);
    code.everywhere = all;
    for folder in paths {
        let Ok(path) = inside(&folder) else { continue };
        let starts =
            |one: &Wanted<'_>| entry::fault(&path, one.runtime, one.handler).is_none_or(|fault| !fault.certain);
        if !wanted.iter().any(starts) {
            continue;
        }
        let Ok(package) = pack(&folder) else { continue };
        if wanted.iter().any(|one| one.sha256 == package.sha256) {
            wanted.retain(|one| one.sha256 != package.sha256);
            code.folders.insert(package.sha256, folder);
        }
        if wanted.is_empty() {
            break;
        }
    }
    code
}

fn wanted(live: &Value) -> Wanted<'_> {
    let [runtime, handler, sha256] =
        [&live["runtime"], &live["handler"], &live["code"]["sha256"]].map(|value| value.as_str().unwrap_or_default());
    Wanted { runtime, handler, sha256 }
}
