//! What a preflight simulates is what the apply then calls, seen at the wire.

use std::collections::BTreeSet;
use std::fs;

use pipectl::engine::planfile::{self, Purpose};
use pipectl::model::account::{Account, Decision, Question, Quota, Usage};
use pipectl::model::error::CallError;
use pipectl::model::kind::BoxFuture;
use pipectl::ops::preflight::preflight;

use crate::support::deployment::Deployment;
use crate::support::emulator;

/// S3's operations, and SNS's own, whose actions have other names.
const OTHER_NAMES: [(&str, &str); 5] = [
    ("s3:PutBucketEncryption", "s3:PutEncryptionConfiguration"),
    ("s3:PutBucketLifecycleConfiguration", "s3:PutLifecycleConfiguration"),
    ("s3:DeleteObjects", "s3:DeleteObject"),
    ("s3:PutPublicAccessBlock", "s3:PutBucketPublicAccessBlock"),
    ("s3:PutBucketNotificationConfiguration", "s3:PutBucketNotification"),
];

/// Notes what is asked.
#[derive(Default)]
struct Noted(std::sync::Mutex<BTreeSet<String>>);

impl Account for Noted {
    fn principal<'a>(&'a self, caller: &'a str) -> BoxFuture<'a, Result<Option<String>, CallError>> {
        Box::pin(async { Ok(Some(caller.to_owned())) })
    }

    fn simulate<'a>(
        &'a self,
        _principal: &'a str,
        question: &'a Question,
    ) -> BoxFuture<'a, Result<Vec<Decision>, CallError>> {
        self.0.lock().unwrap().extend(question.actions.iter().cloned());
        Box::pin(async { Ok(Vec::new()) })
    }

    fn usage(&self, _quota: Quota) -> BoxFuture<'_, Result<Usage, CallError>> {
        Box::pin(async { Ok(Usage { used: 0, limit: None }) })
    }
}

#[tokio::test]
async fn every_call_of_an_apply_was_simulated() {
    let deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    deployment.is_foreseen(&["plan"]).await;
    deployment.edit("envs/base.toml", "team = \"growth\"", "team = \"core\"");
    deployment.is_foreseen(&["plan"]).await;
    deployment.edit("envs/base.toml", "retention_hours = 24", "retention_hours = 48");
    deployment.edit("envs/dev.toml", "size_mib = 1", "size_mib = 2");
    deployment.edit("envs/dev.toml", "shards = 1", "shards = 2");
    deployment.edit("envs/dev.toml", "expire_days = 14", "expire_days = 15");
    deployment.is_foreseen(&["plan"]).await;
    deployment.is_foreseen(&["destroy", "--plan-only"]).await;
}

impl Deployment {
    /// Plans, applies, and finds among the simulated actions that of every call that changed something.
    async fn is_foreseen(&self, plan: &[&str]) {
        self.run(plan).success();
        let (plan, _) = planfile::read(&fs::read(self.cli.path("plan.json")).unwrap()).unwrap();
        let noted = Noted::default();
        preflight(&self.registry(), &plan, &noted).await;
        let simulated = noted.0.into_inner().unwrap();
        self.proxy.take_calls();
        let purpose: &[&str] = if plan.purpose == Purpose::Destroy { &["--destroy"] } else { &[] };
        let apply = ["apply", "plan.json", "--empty-buckets", "--approve-broadening"];
        self.cli.run(&[&apply, purpose].concat()).success();
        let made: BTreeSet<String> = self.proxy.take_calls().changes().into_iter().map(action).collect();
        let unforeseen: Vec<_> = made.difference(&simulated).collect();
        assert!(unforeseen.is_empty() && !made.is_empty(), "not simulated: {unforeseen:?} of {made:?}");
    }
}

/// The IAM action of an operation.
fn action(operation: String) -> String {
    let known = OTHER_NAMES.iter().find(|(name, _)| *name == operation);
    known.map_or(operation, |(_, action)| (*action).to_owned())
}
