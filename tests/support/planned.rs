//! Plans without AWS: what is live there is what an earlier spec wanted.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use pipectl::aws::{Aws, kinds};
use pipectl::blueprint;
use pipectl::engine::access::broadenings;
use pipectl::engine::plan::selection::WHOLE;
use pipectl::engine::plan::{Adopt, Input, plan};
use pipectl::engine::planfile::{Plan, Purpose, SpecRef, StateRef};
use pipectl::engine::refresh::LiveResources;
use pipectl::model::graph::Graph;
use pipectl::model::kind::{Live, Registry};
use pipectl::model::scope::Scope;
use pipectl::ops::site::canonical;
use pipectl::spec::{Options, Source, load};
use pipectl::state::{Record, State};
use serde_json::Value;
use time::macros::datetime;
use uuid::Uuid;

/// An edit of a spec's text: what stands there, and what is to stand there instead.
pub(crate) type Edit<'a> = (&'a str, &'a str);

/// What envs/prod.toml wants, with these edits of it and its base; each must find something to edit.
pub(crate) fn prod(edits: &[Edit<'_>]) -> Graph {
    let folder = tempfile::tempdir().unwrap();
    let envs = Path::new(env!("CARGO_MANIFEST_DIR")).join("envs");
    fs::create_dir(folder.path().join("envs")).unwrap();
    let mut unused = edits.to_vec();
    for file in ["base.toml", "prod.toml"] {
        let text = fs::read_to_string(envs.join(file)).unwrap();
        unused.retain(|(old, _)| !text.contains(old));
        let text = edits.iter().fold(text, |text, (old, new)| text.replace(old, new));
        fs::write(folder.path().join("envs").join(file), text).unwrap();
    }
    assert!(unused.is_empty(), "the specs say nothing of {unused:?}");
    let options = Options { root: folder.path().to_owned(), ..Options::default() };
    let loaded = load(&Source::Env("prod".into()), &options);
    let loaded = loaded.unwrap_or_else(|report| panic!("{}", report.render(false, 120)));
    canonical(&registry(), blueprint::build(&loaded.spec, &scope())).unwrap()
}

/// The plan from one graph to another. AWS and the state are as the first wants it, but for what `drift` does to the
/// attributes of a live resource.
pub(crate) fn between(before: &Graph, after: &Graph, drift: impl Fn(&str, &mut Value)) -> Plan {
    let registry = registry();
    let mut state = State::empty("acme-clickstream", "prod", scope());
    let mut world = LiveResources::default();
    let key = |kind: &str, attributes: &Value| registry.get(kind).unwrap().key(attributes).unwrap();
    for resource in after.resources.values() {
        world.put(&resource.kind, &key(&resource.kind, &resource.attributes), None);
    }
    for (address, resource) in &before.resources {
        let (kind, attributes) = (&resource.kind, &resource.attributes);
        let mut live = Live { attributes: attributes.clone(), outputs: Value::Null, unmodelled: Vec::new() };
        drift(&address.to_string(), Arc::make_mut(&mut live.attributes));
        world.put(kind, &key(kind, attributes), Some(live));
        let record = Record {
            kind: kind.clone(),
            key: key(kind, attributes),
            attributes: attributes.clone(),
            outputs: Value::Null,
            depends_on: resource.depends_on.iter().cloned().collect(),
            protect: resource.protect,
        };
        state.resources.insert(address.clone(), record);
    }
    let changes = plan(&Input {
        graph: after,
        state: &state,
        world: &world,
        registry: &registry,
        adopt: &Adopt::Nothing,
        replace: &std::collections::BTreeSet::new(),
    });
    let changes = changes.unwrap();
    Plan {
        externals: after.externals.clone(),
        made_by: "pipectl 0.1.0".into(),
        project: state.project.clone(),
        env: state.env.clone(),
        purpose: if after.resources.is_empty() { Purpose::Destroy } else { Purpose::Apply },
        scope: scope(),
        caller: "arn:aws:sts::123456789012:assumed-role/deploy/gitlab-1042".into(),
        acts_as: pipectl::model::acting::Acting::default(),
        created: datetime!(2026-11-21 02:05 UTC),
        expires: datetime!(2026-12-21 02:05 UTC),
        state: StateRef {
            location: "s3://acme-clickstream-state/pipectl/prod/state.json".into(),
            lineage: Some(Uuid::nil()),
            serial: 41,
            etag: None,
        },
        spec: Some(SpecRef { file: "envs/prod.toml".into(), overrides: Vec::new(), digest: String::new() }),
        protect: false,
        refusals: changes.refusals(&state),
        broadens: broadenings(&changes, &state, &registry),
        changes,
        flows: after.flows.clone(),
        likely_renames: Vec::new(),
        selection: WHOLE.clone(),
        left_out: Vec::new(),
        notes: after.notes.clone(),
        outputs: serde_json::Map::new(),
        cost: None,
    }
}

/// A plan of everyday work on prod: creations, updates, a replacement, deletions and some drift.
pub(crate) fn everyday() -> Plan {
    const UNPROTECTED: Edit<'_> = ("protect = true", "protect = false");
    let before = prod(&[
        UNPROTECTED,
        ("retention_hours = 168", "retention_hours = 48"),
        ("\"platform-oncall@example.com\"", "\"night-shift@example.com\""),
        ("{ days = 90, class = \"standard-ia\" }", "{ days = 120, class = \"standard-ia\" }"),
        (
            "[alarm.kms]\nwatches = \"firehose.clicks\"\nmetric = \"KMSKeyAccessDenied\"",
            "[alarm.bytes]\nwatches = \"firehose.clicks\"\nmetric = \"DeliveryToS3.Bytes\"\nthreshold = 1e9",
        ),
        ("[alarm.mails]\nwatches = \"topic.alerts\"\nnotifies = [\"topic.alerts\"]\n", ""),
        ("[alarm.stalled]", "[alarm.stalled]\nname = \"acme-clickstream-prod-no-delivery\""),
        ("prefix = \"events/\"\n", "prefix = \"clicks/\"\n"),
    ]);
    between(&before, &prod(&[UNPROTECTED]), |address, live| {
        if address == "bucket.events" {
            live["versioning"] = false.into();
        }
    })
}

/// The kinds, with nobody's credentials.
pub(crate) fn registry() -> Registry {
    kinds::registry(&Arc::new(Aws::new(Some("eu-west-1".into()))))
}

fn scope() -> Scope {
    Scope::new("123456789012", "eu-west-1")
}
