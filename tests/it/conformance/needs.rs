//! What an example has to stand on: a list `[[needs]]` beside `[first]` and `[second]`, of another kind's attributes
//! with that `kind`, or of a `queue` by its name. Made in this order before, and deleted after.

use pipectl::model::error::Class;
use pipectl::model::kind::{Kind, Registry, StepContext};
use serde_json::Value;

use crate::support::emulator::Account;
use crate::support::sqs;

/// Something that an example stands on.
pub(crate) enum Need<'a> {
    Kind(&'a dyn Kind, Value),
    Queue(&'a Account, String),
}

impl<'a> Need<'a> {
    /// What `examples` stand on.
    pub(crate) fn all(registry: &'a Registry, examples: &Value, account: &'a Account) -> Vec<Self> {
        let needs = examples["needs"].as_array().cloned().unwrap_or_default();
        needs.into_iter().map(|need| Self::of(registry, need, account)).collect()
    }

    fn of(registry: &'a Registry, mut need: Value, account: &'a Account) -> Self {
        if let Some(queue) = need["queue"].as_str() {
            return Self::Queue(account, queue.to_owned());
        }
        let name = need.as_object_mut().and_then(|table| table.remove("kind")).expect("a need has a kind");
        let kind = registry.get(name.as_str().unwrap()).unwrap_or_else(|| panic!("no kind {name}"));
        let attributes = kind.with_files(&need).unwrap_or_else(|error| panic!("needs {name}: {error}"));
        Self::Kind(kind, attributes)
    }

    /// Makes it exist.
    pub(crate) async fn make(&self, step: &StepContext<'_>) {
        match self {
            Self::Kind(kind, attributes) => {
                create(*kind, attributes, step).await;
                let now = kind.read(&kind.key(attributes).unwrap(), Some(attributes)).await.unwrap().expect("made");
                kind.update(&now.attributes, attributes, step).await.unwrap();
            }
            Self::Queue(account, name) => sqs::create_queue(account, name).await,
        }
    }

    /// Makes it gone.
    pub(crate) async fn remove(&self, step: &StepContext<'_>) {
        match self {
            Self::Kind(kind, attributes) => kind.delete(&kind.key(attributes).unwrap(), step).await.unwrap(),
            Self::Queue(account, name) => sqs::delete_queue(account, name).await,
        }
    }
}

/// Creates what does not exist. An emulator that works for many accounts at once may answer so late that the SDK asks
/// again, and the second request then meets what the first has made: this takes it for its own, as an apply does.
pub(crate) async fn create(kind: &dyn Kind, want: &Value, step: &StepContext<'_>) {
    let Err(error) = kind.create(want, step).await else { return };
    assert_eq!(error.class, Class::InUse, "{error}");
    let live = kind.read(&kind.key(want).unwrap(), Some(want)).await.unwrap().expect("in use, and not to be seen");
    assert_eq!(live.attributes.get("tags"), want.get("tags"), "{error}: and it is not what was to be made");
}
