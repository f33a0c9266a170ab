//! Beyond the attributes of Glue's schema registries, and of the schemas in them.

use crate::aws::glue::registries::{listed, schemas};
use crate::aws::glue::{Glue, read_tags};
use crate::aws::slim::Caller;
use crate::aws::{Aws, Observed, Result};
use crate::catalog::ResourceType as _;
use crate::catalog::glue_registry::{self as registry, SchemaRegistry};
use crate::catalog::glue_schema::{self as schema, RegistrySchema};
use crate::model::tags::Tags;
use crate::model::unmodelled::{Coverage, Look, Owned, Setting, Weight};

const OTHERS: Setting =
    Setting::asked("schemas of others in it", Weight::Other, "glue:ListSchemas").undone_by("aws glue delete-schema");

/// The marks that say whose a schema is, as the tags of its registry do.
const MARKS: [&str; 2] = ["pipectl:project", "pipectl:env"];

/// `the schemas a and b, which would be deleted with it`.
pub(in crate::aws::kinds) fn lost_with(names: &[String]) -> String {
    format!("{}, which would be deleted with it, and all their versions", listed(names))
}

/// The schemas in a registry whose tags do not say that they are of the same environment.
async fn others(aws: &Aws, now: &registry::Spec) -> Result<Vec<String>> {
    let client = aws.client(Caller::<Glue>::new).await;
    let mut others = Vec::new();
    for name in schemas(&client, &now.name).await? {
        let arn = aws.scope().await?.arn("glue", &format!("schema/{}/{name}", now.name));
        let tags = read_tags(aws, &arn).await?;
        let same = |mark: &&str| {
            let of = |tags: &Tags| tags.get(*mark).cloned();
            of(&now.tags).is_some() && of(&now.tags) == of(&tags)
        };
        if !MARKS.iter().all(same) {
            others.push(name);
        }
    }
    Ok(others)
}

impl Observed for SchemaRegistry {
    const COVERAGE: &'static Coverage = &Coverage {
        named: &[&OTHERS],
        not_looked_at: &[(
            "the policy of the catalog, which may let other accounts in",
            "it is a setting of the account",
        )],
    };

    async fn look_closer(aws: &Aws, now: &registry::Spec, owned: &Owned) -> Look {
        let mut look = Look::default();
        let client = aws.client(Caller::<Glue>::new).await;
        let found = look.answer(&OTHERS, schemas(&client, &now.name).await);
        let is_own = |name: &String| owned.has(RegistrySchema::KIND, &format!("{}|{name}", now.name));
        let others = found.into_iter().flatten().filter(|name| !is_own(name));
        look.found(others.map(|name| OTHERS.is(name)).collect::<Vec<_>>());
        look
    }

    async fn obstacles(aws: &Aws, now: &registry::Spec, _empty: bool) -> Vec<String> {
        let others = others(aws, now).await.unwrap_or_default();
        let held = || {
            format!(
                "it holds {}, and this environment has not made them: `aws glue delete-schema` deletes one",
                lost_with(&others)
            )
        };
        (!others.is_empty()).then(held).into_iter().collect()
    }
}

impl Observed for RegistrySchema {
    const COVERAGE: &'static Coverage = &Coverage {
        named: &[],
        not_looked_at: &[
            ("the versions before its latest", "they stay, as data that was written by them is read by them"),
            ("its checkpoint", "AWS says by it from which version on compatibility counts, and sets it with that"),
            ("the metadata of its versions", "whoever registers versions writes it, and nothing follows from it"),
        ],
    };

    async fn look_closer(_aws: &Aws, _now: &schema::Spec, _owned: &Owned) -> Look {
        Look::default()
    }

    async fn obstacles(_aws: &Aws, _now: &schema::Spec, _empty: bool) -> Vec<String> {
        Vec::new()
    }
}
