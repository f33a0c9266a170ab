//! A cloud in memory, with one simple kind, that can fail or die at any call: for the engine's tests.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Value, json};

use crate::model::access::{Access, Rules};
use crate::model::audit::AuditEvents;
use crate::model::error::{CallError, Class};
use crate::model::grant::Grant;
use crate::model::kind::{BoxFuture, Kind, Live, Ownership, Registry, StepContext};
use crate::model::unmodelled::{Coverage, Look, Owned};

/// What the cloud holds, and how it misbehaves.
#[derive(Debug, Default)]
pub(crate) struct Cloud {
    /// Things by name.
    pub(crate) things: BTreeMap<String, Value>,
    /// Mutating calls so far.
    pub(crate) calls: usize,
    /// The mutating call at which the client dies (0 is the first), and whether the call still takes effect.
    pub(crate) dies: Option<(usize, bool)>,
    /// The mutating call that fails, once, and whether it takes effect all the same (a lost reply).
    pub(crate) fails: Option<(usize, bool)>,
    /// What was done, in order: `create a`.
    pub(crate) log: Vec<String>,
    /// What was deleted while another thing needed it.
    pub(crate) torn: Vec<String>,
}

impl Cloud {
    /// Whether the client is dead: nothing it does has any effect any more.
    pub(crate) fn dead(&self) -> bool {
        self.dies.is_some_and(|(at, _)| self.calls > at)
    }
}

/// A thing: `name` and `form` (replace), `size`, `needs` (names of other things), `tags`.
pub(crate) struct Thing {
    cloud: Arc<Mutex<Cloud>>,
    schema: Value,
}

/// A registry whose only kind is the thing.
pub(crate) fn registry(cloud: &Arc<Mutex<Cloud>>) -> Registry {
    let schema = json!({"properties": {"name": {"x-replaces": true}, "form": {"x-replaces": true}, "size": {}, "needs": {}, "tags": {}}});
    Registry::new(vec![Box::new(Thing { cloud: Arc::clone(cloud), schema })])
}

fn fault(class: Class, what: &str) -> CallError {
    CallError::own(class, "fake call", what)
}

impl Thing {
    fn cloud(&self) -> MutexGuard<'_, Cloud> {
        self.cloud.lock().expect("no test panics while it holds the cloud")
    }

    /// One mutating call: counted, and perhaps the one at which things go wrong.
    fn call(&self, what: String, effect: impl FnOnce(&mut Cloud) -> Result<(), CallError>) -> Result<(), CallError> {
        let mut cloud = self.cloud();
        if cloud.dead() {
            return Err(fault(Class::Other, "dead"));
        }
        let number = cloud.calls;
        cloud.calls += 1;
        let misfortune = [cloud.dies, cloud.fails].into_iter().flatten().find(|(at, _)| *at == number);
        if misfortune.is_none_or(|(_, takes_effect)| takes_effect) {
            effect(&mut cloud)?;
            cloud.log.push(what);
        }
        match misfortune {
            Some(_) => Err(fault(Class::Other, "lost")),
            None => Ok(()),
        }
    }
}

fn name(attributes: &Value) -> String {
    attributes["name"].as_str().unwrap_or_default().to_owned()
}

impl Kind for Thing {
    fn name(&self) -> &'static str {
        "thing"
    }

    fn aws_type(&self) -> &'static str {
        "Fake::Thing"
    }

    fn ownership(&self) -> Ownership {
        Ownership::Tags
    }

    fn grants(&self) -> &'static [Grant] {
        &[]
    }

    fn audit_events(&self) -> &'static AuditEvents {
        &AuditEvents { named_by: &[], create: &[], delete: &[], update: &[] }
    }

    fn access(&self) -> &'static Rules {
        &Rules { returns: false, attributes: &[(Access::Nothing, &["name", "form", "size", "needs", "tags"])] }
    }

    fn coverage(&self) -> &'static Coverage {
        &Coverage { named: &[], not_looked_at: &[] }
    }

    fn look_closer<'a>(&'a self, _now: &'a Value, _owned: &'a Owned) -> BoxFuture<'a, Look> {
        Box::pin(async { Look::default() })
    }

    fn obstacles<'a>(&'a self, _now: &'a Value, _empty: bool) -> BoxFuture<'a, Vec<String>> {
        Box::pin(async { Vec::new() })
    }

    fn schema(&self) -> &Value {
        &self.schema
    }

    fn examples(&self) -> &'static str {
        ""
    }

    fn canonical(&self, attributes: &Value) -> Result<Value, serde_json::Error> {
        Ok(attributes.clone())
    }

    fn with_files(&self, attributes: &Value) -> Result<Value, serde_json::Error> {
        Ok(attributes.clone())
    }

    fn key(&self, attributes: &Value) -> Result<String, serde_json::Error> {
        Ok(name(attributes))
    }

    fn warnings(&self, _now: Option<&Value>, _want: Option<&Value>) -> Vec<String> {
        Vec::new()
    }

    fn read<'a>(&'a self, key: &'a str, _hint: Option<&'a Value>) -> BoxFuture<'a, Result<Option<Live>, CallError>> {
        Box::pin(async move {
            let cloud = self.cloud();
            let live = |thing: &Value| Live {
                attributes: thing.clone().into(),
                outputs: json!({"id": key}),
                unmodelled: Vec::new(),
            };
            if cloud.dead() { Err(fault(Class::Other, "dead")) } else { Ok(cloud.things.get(key).map(live)) }
        })
    }

    fn align(&self, live: &Value, _want: &Value) -> Value {
        live.clone()
    }

    fn create<'a>(
        &'a self,
        want: &'a Value,
        _step: &'a StepContext<'a>,
    ) -> BoxFuture<'a, Result<Option<Live>, CallError>> {
        Box::pin(async move {
            // Size cannot be given at birth.
            let mut thing = want.clone();
            thing["size"] = json!(0);
            self.call(format!("create {}", name(want)), |cloud| {
                if cloud.things.contains_key(&name(want)) {
                    return Err(fault(Class::InUse, "exists"));
                }
                cloud.things.insert(name(want), thing.clone());
                Ok(())
            })?;
            // Of every other one, the answer says all.
            let live = || Live { attributes: thing.into(), outputs: json!({"id": name(want)}), unmodelled: Vec::new() };
            Ok(name(want).len().is_multiple_of(2).then(live))
        })
    }

    fn ready<'a>(&'a self, _key: &'a str) -> BoxFuture<'a, Result<(), CallError>> {
        Box::pin(async { Ok(()) })
    }

    fn update<'a>(
        &'a self,
        now: &'a Value,
        want: &'a Value,
        _step: &'a StepContext<'a>,
    ) -> BoxFuture<'a, Result<(), CallError>> {
        Box::pin(async move {
            for aspect in ["size", "needs", "tags"] {
                if now[aspect] != want[aspect] {
                    self.call(format!("update {} {aspect}", name(want)), |cloud| {
                        let thing = cloud.things.get_mut(&name(want)).ok_or_else(|| fault(Class::Absent, "absent"))?;
                        thing[aspect] = want[aspect].clone();
                        Ok(())
                    })?;
                }
            }
            Ok(())
        })
    }

    fn delete<'a>(&'a self, key: &'a str, _step: &'a StepContext<'a>) -> BoxFuture<'a, Result<(), CallError>> {
        Box::pin(async move {
            self.call(format!("delete {key}"), |cloud| {
                cloud.things.remove(key);
                let needs = |thing: &Value| thing["needs"].as_array().is_some_and(|needs| needs.contains(&json!(key)));
                if cloud.things.values().any(needs) {
                    cloud.torn.push(key.to_owned());
                }
                Ok(())
            })
        })
    }
}
