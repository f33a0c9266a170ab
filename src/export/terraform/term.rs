//! The body of a resource: arguments and nested blocks, in which names of other resources become references.

use std::collections::BTreeMap;

use hcl::expr::{TemplateExpr, Traversal, TraversalBuilder, Variable};
use hcl::{Expression, Identifier, Template};
use serde_json::Value;

use super::super::parts::terraform::{Fields, Term};
use super::super::references::{Named, References};
use super::called_by;
use super::data::DataSources;
use super::layout::{Argument, Item, Shape};
use crate::catalog::Type;
use crate::model::address::Address;

/// Writes the body of one resource.
pub(super) struct Writer<'a> {
    /// What may be referred to.
    pub(super) references: &'a References<'a>,
    /// What is looked up, for it is somebody else's.
    pub(super) data: &'a DataSources<'a>,
    /// The labels of addresses.
    pub(super) labels: &'a BTreeMap<&'a Address, String>,
    /// The resource's type and address: it cannot refer to itself.
    pub(super) own: (&'static str, &'a Address),
}

impl Writer<'_> {
    /// The fields in HCL.
    pub(super) fn body(&self, fields: &Fields) -> Result<Vec<Item>, hcl::Error> {
        let mut items = Vec::new();
        for (name, term) in fields {
            let shape = match term {
                Term::Plain(Value::Null) => continue,
                Term::Plain(value) => self.shape(value)?,
                Term::Encoded(value) => Shape::Call("jsonencode", Box::new(self.shape(value)?)),
                Term::Named(one, name) => Shape::Leaf(self.name(*one, name)?),
                Term::Names(names) => Shape::List(names.iter().cloned().map(Shape::Leaf).collect()),
                Term::Blocks(blocks) => {
                    for fields in blocks {
                        items.push(Item::Block((*name).to_owned(), self.body(fields)?));
                    }
                    continue;
                }
            };
            items.push(Item::Argument(Argument { name: (*name).to_owned(), value: shape }));
        }
        Ok(items)
    }

    fn shape(&self, value: &Value) -> Result<Shape, hcl::Error> {
        Ok(match value {
            Value::String(text) => Shape::Leaf(self.text(text)?),
            Value::Array(items) => Shape::List(items.iter().map(|item| self.shape(item)).collect::<Result<_, _>>()?),
            Value::Object(map) => {
                let argument = |(key, value): (&String, &Value)| -> Result<Argument, hcl::Error> {
                    Ok(Argument { name: key_of(key)?, value: self.shape(value)? })
                };
                Shape::Object(map.iter().map(argument).collect::<Result<_, _>>()?)
            }
            // Numbers, true, false and null are the same in JSON and HCL.
            other => Shape::Leaf(other.to_string()),
        })
    }

    fn name(&self, one: Type, name: &str) -> Result<String, hcl::Error> {
        let own = self.references.of_name(one, name).and_then(|named| self.path(named));
        match own.map(|path| path.attr(called_by(one))).or_else(|| self.data.of_name(one, name)) {
            Some(path) => leaf(path.build()),
            None => leaf(name),
        }
    }

    fn text(&self, text: &str) -> Result<String, hcl::Error> {
        // The library escapes `${` behind a reference, but neither quotes nor backslashes; no ARN has any.
        let plain = !text.contains(|letter: char| letter == '"' || letter == '\\' || letter.is_control());
        let own = self.references.in_text(text).and_then(|(named, rest)| Some((self.path(named)?.attr("arn"), rest)));
        match own.or_else(|| self.data.in_text(text)).filter(|_| plain) {
            None => leaf(text),
            Some((path, "")) => leaf(path.build()),
            Some((path, rest)) => {
                let template = Template::new().add_interpolation(path.build()).add_literal(rest);
                leaf(TemplateExpr::QuotedString(template.to_string()))
            }
        }
    }

    /// `aws_s3_bucket.bucket_events`; absent for the resource itself.
    fn path(&self, named: Named<'_>) -> Option<TraversalBuilder> {
        let kind = named.one.terraform_type();
        if (kind, named.address) == self.own {
            return None;
        }
        let label = self.labels.get(named.address)?;
        Some(Traversal::builder(Variable::unchecked(kind)).attr(label.as_str()))
    }
}

/// A key of an object: bare where HCL allows it.
fn key_of(key: &str) -> Result<String, hcl::Error> {
    if Identifier::new(key).is_ok() { Ok(key.to_owned()) } else { leaf(key) }
}

/// An expression as HCL; texts are quoted, and `${` and `%{` in them escaped.
pub(super) fn leaf(expression: impl Into<Expression>) -> Result<String, hcl::Error> {
    hcl::format::to_string(&expression.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_in_a_template_is_escaped() {
        let text = leaf("all ${x} %{if} !{timestamp:yyyy} \"q\" \\ \n").unwrap();
        assert_eq!(text, r#""all $${x} %%{if} !{timestamp:yyyy} \"q\" \\ \n""#);
        assert_eq!(key_of("pipectl:env").unwrap(), "\"pipectl:env\"");
        assert_eq!(key_of("cost-center").unwrap(), "cost-center");
    }
}
