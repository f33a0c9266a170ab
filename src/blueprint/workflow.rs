//! A workflow becomes a workflow of Glue; what starts its jobs is made with them.

use serde_json::Value;

use super::policy::allow;
use super::{Build, BuildContext, Resolved};
use crate::catalog::{Type, glue_workflow};
use crate::model::scope::Scope;
use crate::spec::blocks::workflow::Workflow;
use crate::spec::uses::Use;
use crate::spec::{Block as _, Spec};

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

    fn allow(_own: Option<&Self>, used: &Resolved, _asked: &Use, _spec: &Spec, scope: &Scope) -> Vec<Value> {
        let workflow = scope.arn("glue", &format!("workflow/{}", used.name));
        vec![allow(&["glue:GetWorkflowRun", "glue:StartWorkflowRun"], &workflow)]
    }
}
