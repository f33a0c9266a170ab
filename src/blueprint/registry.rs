//! A registry becomes a schema registry of Glue with its schemas.

use serde_json::{Value, json};

use super::policy::allow;
use super::{Build, BuildContext, Resolved};
use crate::catalog::{Type, glue_registry, glue_schema};
use crate::model::scope::Scope;
use crate::spec::blocks::registry::Registry;
use crate::spec::uses::Use;
use crate::spec::{Block as _, Spec};

impl Build for Registry {
    const TYPE: Option<Type> = Some(Type::SchemaRegistry);

    fn build(&self, site: &mut BuildContext<'_>) {
        let name = self.aws_name(site.name, site.spec);
        let registry = glue_registry::Spec {
            name: name.clone(),
            description: self.description.clone(),
            tags: site.tags(&self.tags),
        };
        site.add(registry, []);
        for (schema, said) in &self.schemas {
            let part = Self::part(schema);
            let schema = glue_schema::Spec {
                registry: name.clone(),
                name: schema.clone(),
                format: said.format.word().to_owned(),
                compatibility: said.compatibility.word().to_owned(),
                description: said.description.clone(),
                file: Some(said.definition.clone()),
                definition: None,
                tags: site.part_tags(&part, &self.tags),
            };
            site.add_part(&part, schema, [site.address.clone()]);
        }
        site.output("arn", site.arn(self));
        site.output("name", name);
    }

    fn key(&self) -> Option<&str> {
        None
    }

    fn allow(_own: Option<&Self>, used: &Resolved, _asked: &Use, _spec: &Spec, _scope: &Scope) -> Vec<Value> {
        reading(used)
    }
}

/// What whoever reads or writes by the schemas of a registry has to be allowed. Of a schema AWS asks for its registry as well
/// (<https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsglue.html>). A record names the version that it
/// was written by with an id and nothing else, which AWS checks on everything
/// (<https://github.com/awslabs/aws-glue-schema-registry/issues/68>).
pub(super) fn reading(registry: &Resolved) -> Vec<Value> {
    let schemas = format!("{}/*", registry.arn.replacen(":registry/", ":schema/", 1));
    let mut named = allow(&["glue:GetRegistry", "glue:GetSchema", "glue:GetSchemaByDefinition"], "");
    named["Resource"] = json!([registry.arn, schemas]);
    vec![named, allow(&["glue:GetSchemaVersion"], "*")]
}
