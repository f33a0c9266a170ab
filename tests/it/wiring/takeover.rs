//! A live pipeline that nobody's state knows is imported, and its plan holds adoptions alone.

use pipectl::model::kind::StepContext;
use serde_json::Value;

use crate::support::deployment::{Deployment, REGION};
use crate::support::emulator::{self, Emulator};
use crate::support::witness::Recording;

#[tokio::test]
async fn the_plan_of_what_was_imported_holds_adoptions_alone_on_ministack() {
    let _sends = Recording::of("wiring::takeover::the_plan_of_what_was_imported_holds_adoptions_alone_on_ministack");
    the_plan_of_what_was_imported_holds_adoptions_alone(emulator::ministack()).await;
}

#[tokio::test]
async fn the_plan_of_what_was_imported_holds_adoptions_alone_on_moto() {
    the_plan_of_what_was_imported_holds_adoptions_alone(emulator::moto()).await;
}

async fn the_plan_of_what_was_imported_holds_adoptions_alone(emulator: &'static Emulator) {
    let deployment = Deployment::applied(emulator, "prod").await;
    let made = deployment.records().len() - deployment.unseen();
    deployment.disown().await;
    let stream = "acme-clickstream-prod-clicks";
    let import = ["import", "--env", "live", "--project", "acme", "--region", REGION, "--stream", stream, "--json"];
    let imported = deployment.cli.run(&import).success().json();
    // Its description names block and environment; the delivery stream goes on working as it.
    let left: Vec<&Value> = imported["left_out"].as_array().unwrap().iter().map(|one| &one["source"]).collect();
    assert_eq!(left, ["the role acme-clickstream-prod-clicks-firehose"], "{imported}");
    assert_eq!(imported["mapping"].as_array().unwrap().len(), made - 1, "{imported}");

    let plan = deployment.cli.run(&["plan", "--env", "live", "--adopt", "all", "--json"]).success().json();
    for change in plan["changes"].as_array().unwrap() {
        assert_eq!(change["action"], "adopt", "{change}");
        for field in change["fields"].as_array().into_iter().flatten() {
            assert!(field["path"].as_str().unwrap().starts_with("tags.pipectl:"), "{change}");
        }
    }
    deployment.cli.run(&["apply", "plan.json", "--adopt", "all"]).success();
    deployment.cli.run(&["plan", "--env", "live", "--detailed-exitcode"]).success();
}

impl Deployment {
    /// How many of its resources the wiring does not show: MiniStack loses the metrics of alarms with metric math.
    fn unseen(&self) -> usize {
        let records = self.records();
        let math = |attributes: &Value| attributes["queries"].as_array().is_some_and(|queries| !queries.is_empty());
        let unseen = records.values().filter(|record| self.emulator == "MiniStack" && math(&record.attributes));
        unseen.count()
    }

    /// Takes pipectl's marks off everything, as if somebody else had made it.
    async fn disown(&self) {
        let registry = self.registry();
        for (address, record) in self.records() {
            let kind = registry.get(&record.kind).unwrap();
            let now = kind.read(&record.key, Some(&record.attributes)).await.unwrap().unwrap().attributes;
            let mut want = Value::clone(&now);
            if let Some(tags) = want.get_mut("tags").and_then(Value::as_object_mut) {
                tags.retain(|key, _| !key.starts_with("pipectl:"));
            }
            let step =
                StepContext { owner: &self.owner(&address), since: None, empty: false, seen: None, note: &|_| {} };
            kind.update(&now, &want, &step).await.unwrap();
        }
    }
}
