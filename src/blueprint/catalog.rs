//! A catalog becomes a database of Glue's Data Catalog.

use std::collections::BTreeMap;

use super::{Build, BuildContext};
use crate::catalog::{Type, glue_database};
use crate::spec::Block as _;
use crate::spec::blocks::catalog::Catalog;

impl Build for Catalog {
    const TYPE: Option<Type> = Some(Type::Database);

    fn build(&self, site: &mut BuildContext<'_>) {
        let name = self.aws_name(site.name, site.spec);
        let database = glue_database::Spec {
            name: name.clone(),
            description: self.description.clone(),
            location: None,
            parameters: BTreeMap::new(),
            tags: site.tags(&self.tags),
        };
        site.add(database, []);
        site.output("arn", site.arn(self));
        site.output("name", name);
    }

    fn key(&self) -> Option<&str> {
        None
    }
}
