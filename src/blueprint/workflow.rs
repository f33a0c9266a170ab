//! A workflow becomes a workflow of Glue; what starts its jobs is made with them.

use super::{Build, BuildContext};
use crate::catalog::{Type, glue_workflow};
use crate::spec::Block as _;
use crate::spec::blocks::workflow::Workflow;

impl Build for Workflow {
    const TYPE: Option<Type> = Some(Type::Workflow);

    fn build(&self, site: &mut BuildContext<'_>) {
        let name = self.aws_name(site.name, site.spec);
        let workflow = glue_workflow::Spec {
            name: name.clone(),
            description: self.description.clone(),
            properties: self.properties.clone(),
            max_concurrent_runs: Some(self.max_concurrent_runs),
            tags: site.tags(&self.tags),
        };
        site.add(workflow, []);
        site.output("arn", site.scope.arn("glue", &format!("workflow/{name}")));
        site.output("name", name);
    }

    fn key(&self) -> Option<&str> {
        None
    }
}
