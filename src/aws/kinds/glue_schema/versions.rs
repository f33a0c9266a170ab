//! The versions of a schema: a new one, and what AWS makes of it.

use std::time::Duration;

use crate::aws::error::{absent_is_none, failed, present};
use crate::aws::glue::Glue;
use crate::aws::glue::registries::{GetSchemaVersion, LiveVersion, RegisterSchemaVersion, SchemaId, Version};
use crate::aws::slim::Caller;
use crate::aws::{Result, wait};
use crate::catalog::glue_schema::{DISABLED, Spec};
use crate::model::definition::means_the_same;
use crate::model::error::{CallError, Class};

const REGISTER: &str = "glue RegisterSchemaVersion";
const GET: &str = "glue GetSchemaVersion";

/// The status of a version that can be used.
const AVAILABLE: &str = "AVAILABLE";

/// How long AWS may take to check a version against those before; no document says.
const CHECKED: Duration = Duration::from_mins(5);
/// How long a version that can be used may take to be seen as the latest.
const SEEN: Duration = Duration::from_secs(30);

/// The schema of a key; the name of a registry holds no `|`.
pub(super) fn id(key: &str) -> SchemaId<'_> {
    let (registry_name, schema_name) = key.split_once('|').unwrap_or((key, ""));
    SchemaId { registry_name, schema_name }
}

/// The schema that is wanted.
pub(super) fn id_of(want: &Spec) -> SchemaId<'_> {
    SchemaId { registry_name: &want.registry, schema_name: &want.name }
}

/// Makes a definition the latest version of its schema. Done again, as after a crash, it comes to the same version.
///
/// # Errors
/// [`Class::Invalid`] when AWS does not take it, or takes it for a version that is not the latest.
pub(super) async fn register(client: &Caller<Glue>, now: &Spec, want: &Spec, definition: &str) -> Result<()> {
    if now.compatibility == DISABLED && want.compatibility == DISABLED {
        let message = format!(
            "{} takes no new version: its compatibility is DISABLED; undo the change of its definition, or say another \
             compatibility",
            named(want)
        );
        return Err(CallError::own(Class::Invalid, REGISTER, message));
    }
    let call = RegisterSchemaVersion { schema_id: id_of(want), schema_definition: definition };
    let reply = client.call(&call).await.map_err(failed(REGISTER)).map_err(|error| of_a_definition(error, want))?;
    let number = present(REGISTER, "number of a version", reply.version_number)?;
    usable(client, want, number, reply.status.as_deref()).await?;
    is_the_latest(client, want, number, definition).await
}

/// Waits until a version can be used; `status` is what AWS has said of it.
///
/// # Errors
/// [`Class::Invalid`] when it never will.
pub(super) async fn usable(client: &Caller<Glue>, want: &Spec, number: u64, status: Option<&str>) -> Result<()> {
    if settled(want, number, status)? {
        return Ok(());
    }
    let look = || async {
        // One that was just made may not be known everywhere yet.
        let live = version(client, want, Version::Number(number)).await?;
        let status = live.and_then(|live| live.status);
        Ok(settled(want, number, status.as_deref())?.then_some(()))
    };
    wait::until(&format!("version {number} of glue schema {} to be checked", want.name), CHECKED, look).await
}

/// Whether a version cannot be used, or not yet.
pub(super) fn is_open(live: &LiveVersion) -> bool {
    live.status.as_deref().is_some_and(|status| status != AVAILABLE)
}

/// Whether a version can be used; an error where it never will.
fn settled(want: &Spec, number: u64, status: Option<&str>) -> Result<bool> {
    match status {
        Some(AVAILABLE) => Ok(true),
        Some("FAILURE") => {
            let message = format!(
                "version {number} of {} has failed: its definition is not {} of the versions before; undo the change, loosen \
                 `compatibility`, or let it be another schema (`aws glue delete-schema-versions --versions {number}` takes \
                 away what has failed)",
                named(want),
                want.compatibility,
            );
            Err(CallError::own(Class::Invalid, REGISTER, message))
        }
        // A state that is new to pipectl counts as under way.
        Some(_) | None => Ok(false),
    }
}

/// Whether the latest version is the one that was registered, and says what is wanted.
async fn is_the_latest(client: &Caller<Glue>, want: &Spec, number: u64, definition: &str) -> Result<()> {
    let look = || async {
        let live = version(client, want, Version::Latest(true)).await?;
        Ok(live.filter(|live| live.version_number.is_some_and(|latest| latest >= number)))
    };
    let what = format!("version {number} of glue schema {} to be the latest", want.name);
    let latest = wait::until(&what, SEEN, look).await?;
    let last = latest.version_number.unwrap_or_default();
    let said = latest.schema_definition.unwrap_or_default();
    if means_the_same(&want.format, &said, definition) {
        return Ok(());
    }
    let message = if last > number {
        format!(
            "{} has this definition already, as version {number}, and AWS makes no second version of it: version {last} stays \
             the latest, which says something else; change something in the definition that counts, or write that of \
             version {last}",
            named(want)
        )
    } else {
        format!(
            "AWS takes the definition of {} for that of its version {number}, which reads otherwise: what was changed \
             counts for nothing there; undo the change, or change something that counts",
            named(want)
        )
    };
    Err(CallError::own(Class::Invalid, REGISTER, message))
}

async fn version(client: &Caller<Glue>, want: &Spec, which: Version) -> Result<Option<LiveVersion>> {
    let call = GetSchemaVersion { schema_id: id_of(want), schema_version_number: which };
    absent_is_none(client.call(&call).await.map_err(failed(GET)))
}

/// What AWS refuses at once, with what it was checked for.
fn of_a_definition(error: CallError, want: &Spec) -> CallError {
    if error.class != Class::Invalid {
        return error;
    }
    let message = format!(
        "the definition of {} is refused (its compatibility is {}; undo the change, or loosen that): {}",
        named(want),
        want.compatibility,
        error.message
    );
    CallError { message, ..error }
}

fn named(want: &Spec) -> String {
    format!("the schema {} of the registry {}", want.name, want.registry)
}
