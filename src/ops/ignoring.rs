//! `ignore`: which attributes of which resources a spec leaves alone, and what cannot be.

use crate::blueprint::{FieldMeaning, attributes, meaning, meanings};
use crate::model::access::{Access, Rules};
use crate::model::address::Address;
use crate::model::diff::is_marked;
use crate::model::graph::Graph;
use crate::model::kind::Registry;
use crate::model::left_alone::{OWN_TAGS, Path};
use crate::spec::Spec;
use crate::spec::blocks::{Kind, every_block};
use crate::spec::fields::fields;
use crate::spec::nearest::nearest;

/// A field that cannot be left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unignorable {
    /// The dotted path in the spec of what is to blame: `stream.clicks.ignore.0`.
    pub path: String,
    /// What is wrong: one sentence.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// Notes in the graph what its spec leaves alone.
///
/// # Errors
/// Every field that cannot be left alone.
pub fn note_left_alone(registry: &Registry, spec: &Spec, graph: &mut Graph) -> Result<(), Vec<Unignorable>> {
    let mut faults = Vec::new();
    for (kind, name, fields) in ignored(spec) {
        for (index, field) in fields.iter().enumerate() {
            let block = Block { kind, address: Address::block(kind.name(), name), registry, spec, graph };
            match block.attributes(field) {
                Ok(found) => {
                    for (address, path) in found {
                        let paths = graph.left_alone.entry(address).or_default();
                        if !paths.contains(&path) {
                            paths.push(path);
                        }
                    }
                }
                Err((message, help)) => {
                    let path = format!("{}.{name}.ignore.{index}", kind.name());
                    faults.push(Unignorable { path, message, help });
                }
            }
        }
    }
    graph.left_alone.values_mut().for_each(|paths| paths.sort());
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// The `ignore` of every block that has one.
fn ignored(spec: &Spec) -> Vec<(Kind, &str, &[String])> {
    let mut all = Vec::new();
    macro_rules! collect {
        ($($room:ident::$block:ident),* $(,)?) => {
            $(for (name, declared) in spec.blocks.$room.own() {
                all.push((Kind::$block, name.as_str(), declared.ignore.as_slice()));
            })*
        };
    }
    every_block!(collect!);
    all
}

/// A message, and what to do.
type Refused = (String, String);

/// A block that leaves something alone.
struct Block<'a> {
    kind: Kind,
    address: Address,
    registry: &'a Registry,
    spec: &'a Spec,
    graph: &'a Graph,
}

impl Block<'_> {
    /// The attributes that a field stands for.
    fn attributes(&self, field: &str) -> Result<Vec<(Address, Path)>, Refused> {
        let found = match meaning(self.kind, field) {
            Some(FieldMeaning::Is(_)) => attributes(self.kind, field)
                .into_iter()
                .map(|(part, path)| (part.map_or_else(|| self.address.clone(), |part| self.address.part(part)), path))
                .collect(),
            Some(FieldMeaning::Guards) => return Err(guards(field)),
            Some(FieldMeaning::Replaces) => return Err(replaces(field)),
            None => vec![self.of_part(field)?],
        };
        for (address, path) in &found {
            self.may_be(field, address, path)?;
        }
        Ok(found)
    }

    /// The attribute of a part: `role.description`.
    fn of_part(&self, field: &str) -> Result<(Address, Path), Refused> {
        let (part, attribute) = field.split_once('.').unwrap_or((field, ""));
        let address = self.address.part(part);
        let known: Vec<String> = fields(self.kind.name()).iter().map(|field| field.path.join(".")).collect();
        if known.iter().any(|known| known == field || known.starts_with(&format!("{field}."))) {
            let what = format!("`{field}` cannot be left alone: no attribute of the resource says just that");
            return Err((what, self.can()));
        }
        if !self.graph.resources.contains_key(&address) {
            return Err(self.unknown(field));
        }
        if attribute.is_empty() {
            let what = format!("`{field}` is a part of `{}` as a whole, and no attribute", self.address);
            return Err((what, format!("name one of its attributes: `{part}.tags`")));
        }
        let path = match attribute.split_once('.') {
            Some((map, key)) if !key.is_empty() => vec![map.to_owned(), key.to_owned()],
            Some(_) | None => vec![attribute.to_owned()],
        };
        Ok((address, path))
    }

    /// Refuses what does not exist, what guards, and what a change would replace the resource for.
    fn may_be(&self, field: &str, address: &Address, path: &[String]) -> Result<(), Refused> {
        let Some(resource) = self.graph.resources.get(address) else {
            let help = "take it out of `ignore`, or let the block have it".to_owned();
            return Err((format!("`{field}` is about `{address}`, which this block does not have"), help));
        };
        let Some(kind) = self.registry.get(&resource.kind) else {
            let help = "take it out of `ignore`".to_owned();
            return Err((format!("`{field}` is about `{}`, which this pipectl does not know", resource.kind), help));
        };
        let attribute = path.first().map_or("", String::as_str);
        let known = kind.schema()["properties"].as_object();
        if known.is_none_or(|known| !known.contains_key(attribute)) {
            let names = known.into_iter().flatten().map(|(name, _)| name.as_str());
            let help = nearest(attribute, names).map_or_else(
                || "`pipectl show --full` prints the attributes of every resource".to_owned(),
                |near| format!("did you mean `{}.{near}`?", address.part_name().unwrap_or_default()),
            );
            return Err((format!("`{address}` has no attribute `{attribute}`"), help));
        }
        if is_marked(kind.schema(), &path.join("."), "x-replaces") {
            return Err(replaces(field));
        }
        if !is_no_guard(kind.access(), path) {
            return Err(guards(field));
        }
        self.keeps_tags(field, path)
    }

    /// Refuses to leave tags alone that pipectl, or the spec's own rules, rely on.
    fn keeps_tags(&self, field: &str, path: &[String]) -> Result<(), Refused> {
        let (Some("tags"), key) = (path.first().map(String::as_str), path.get(1)) else { return Ok(()) };
        if key.is_some_and(|key| key.starts_with(OWN_TAGS)) {
            let what = format!("`{field}` cannot be left alone: it says whose the resource is");
            return Err((what, "take it out of `ignore`".to_owned()));
        }
        let required = self.spec.policy.require_tags.iter().find(|tag| key.is_none_or(|key| key == *tag));
        required.map_or(Ok(()), |tag| {
            let what = format!("`{field}` cannot be left alone: `[policy] require_tags` asks for the tag `{tag}`");
            Err((what, "name the tags that may be anything, such as `tags.team`".to_owned()))
        })
    }

    fn unknown(&self, field: &str) -> Refused {
        let block = &self.address;
        let (names, parts) = (self.fields(), self.parts());
        let all = names.iter().map(String::as_str).chain(parts.iter().map(String::as_str));
        let help = match nearest(field, all) {
            Some(near) => format!("did you mean `{near}`?"),
            None => self.can(),
        };
        (format!("`{block}` has no field `{field}` that could be left alone"), help)
    }

    /// The fields that can be left alone.
    fn fields(&self) -> Vec<String> {
        let can = meanings(self.kind).into_iter().filter(|(_, meaning)| matches!(meaning, FieldMeaning::Is(_)));
        can.map(|(field, _)| field.replace('*', "<name>")).collect()
    }

    /// `role.tags`: the parts that have tags, as an example of what can be named of a part.
    fn parts(&self) -> Vec<String> {
        let block = self.address.block_name();
        let parts = self.graph.resources.keys().filter(|address| address.block_name() == block);
        let parts = parts.filter_map(Address::part_name).map(str::to_owned);
        parts.flat_map(|part| ["tags", "description"].map(|attribute| format!("{part}.{attribute}"))).collect()
    }

    fn can(&self) -> String {
        let fields: Vec<String> = self.fields().iter().map(|field| format!("`{field}`")).collect();
        if fields.is_empty() {
            return "what can be left alone is named by part and attribute: `role.tags`".to_owned();
        }
        format!("what can be left alone: {}; of a part its name and attribute, `role.tags`", fields.join(", "))
    }
}

fn guards(field: &str) -> Refused {
    let what = format!("`{field}` cannot be left alone: it guards access, encryption or deletion");
    (what, "take it out of `ignore`, and let the spec say what it is".to_owned())
}

fn replaces(field: &str) -> Refused {
    let what = format!("`{field}` cannot be left alone: with another value it is another resource");
    (what, "take it out of `ignore`, and write what is live".to_owned())
}

/// Whether no value of it, or of anything in it, has to do with access; what nobody has decided on might have.
fn is_no_guard(rules: &Rules, path: &[String]) -> bool {
    let own = path.join(".");
    let within = |one: &str, other: &str| one == other || other.starts_with(&format!("{one}."));
    let all = || rules.attributes.iter().flat_map(|(access, paths)| paths.iter().map(move |path| (*access, *path)));
    let about = || all().filter(|(_, path)| within(path, &own) || within(&own, path));
    about().any(|(_, path)| within(path, &own)) && about().all(|(access, _)| access == Access::Nothing)
}
