//! Beyond the attributes of Glue's workflows.

use super::{set, text};
use crate::aws::error::{failed, present};
use crate::aws::glue::Glue;
use crate::aws::glue::workflows::{GetWorkflow, LiveWorkflow, Node};
use crate::aws::slim::Caller;
use crate::aws::{Aws, Observed, Result};
use crate::catalog::ResourceType as _;
use crate::catalog::glue_trigger::Trigger;
use crate::catalog::glue_workflow::{self as workflow, Workflow};
use crate::model::unmodelled::{Coverage, Look, Owned, Setting, Unmodelled, Weight};

const BLUEPRINT: Setting =
    Setting::shown("blueprint that made it", Weight::Other).undone_by("a workflow of another name");
const TRIGGERS: Setting = Setting::asked("other triggers in it", Weight::ChangesData, "glue:GetWorkflow")
    .undone_by("aws glue delete-trigger");

/// What GetWorkflow shows of a workflow besides its attributes.
pub(in crate::aws::kinds) fn shown_of_workflow(live: &LiveWorkflow) -> Vec<Unmodelled> {
    let blueprint = live.blueprint_details.as_ref();
    set(&BLUEPRINT, blueprint.and_then(|it| text(it.blueprint_name.as_deref()))).into_iter().collect()
}

impl Observed for Workflow {
    const COVERAGE: &'static Coverage = &Coverage {
        named: &[&BLUEPRINT, &TRIGGERS],
        not_looked_at: &[
            ("its runs", "they are what it has done, and no setting of it"),
            ("who else may start it", "policies of IAM say so, and none of the workflow"),
        ],
    };

    async fn look_closer(aws: &Aws, now: &workflow::Spec, owned: &Owned) -> Look {
        let mut look = Look::default();
        let found = look.answer(&TRIGGERS, triggers(aws, &now.name).await).unwrap_or_default().into_iter();
        let others = found.filter(|name| !owned.has(Trigger::KIND, name));
        look.found(others.map(|name| TRIGGERS.is(name)).collect::<Vec<_>>());
        look
    }

    async fn obstacles(_aws: &Aws, _now: &workflow::Spec, _empty: bool) -> Vec<String> {
        Vec::new()
    }
}

/// The names of the triggers of a workflow.
async fn triggers(aws: &Aws, name: &str) -> Result<Vec<String>> {
    const GET: &str = "glue GetWorkflow";
    let client = aws.client(Caller::<Glue>::new).await;
    let reply = client.call(&GetWorkflow { name, include_graph: true }).await.map_err(failed(GET))?;
    let graph = present(GET, "workflow", reply.workflow)?.graph.unwrap_or_default();
    let is_trigger = |node: &Node| node.kind.as_deref() == Some("TRIGGER");
    Ok(graph.nodes.into_iter().flatten().filter(is_trigger).filter_map(|node| node.name).collect())
}
