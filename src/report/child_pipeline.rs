//! The child pipeline of GitLab's that applies what `plan --all` has planned: a job for each project.

use serde_json::{Map, Value, json};

/// A project with changes.
pub struct Project<'a> {
    /// Its folder, from the top of the repository.
    pub folder: &'a str,
    /// The folders, among those that come before it, of the projects that it refers to.
    pub after: Vec<&'a str>,
    /// The saved plan, below its folder.
    pub plan: String,
}

/// The pipeline as JSON, which is YAML. Each job takes the plan from the job `plan` of the pipeline around it, and starts by hand
/// once those are done that it refers to. A pipeline without a job is none: where nothing is to be applied, one says so.
pub fn child_pipeline(projects: &[Project<'_>]) -> String {
    let mut jobs = Map::new();
    jobs.insert("include".to_owned(), json!([{ "local": ".gitlab-ci-pipectl.yml" }]));
    if projects.is_empty() {
        jobs.insert("nothing to apply".to_owned(), json!({ "script": ["echo 'No project has changes to apply.'"] }));
    }
    jobs.extend(projects.iter().map(|project| (name(project.folder), job(project))));
    let mut text = format!("{:#}", Value::Object(jobs));
    text.push('\n');
    text
}

fn name(folder: &str) -> String {
    format!("apply {folder}")
}

fn job(project: &Project<'_>) -> Value {
    let mut needs: Vec<Value> =
        ["build", "plan"].map(|job| json!({ "pipeline": "$PARENT_PIPELINE_ID", "job": job })).into();
    needs.extend(project.after.iter().map(|folder| json!({ "job": name(folder) })));
    let approval = "if [ \"$APPROVE_BROADENING\" = \"$BRANCH\" ]; then approval=--approve-broadening; fi";
    let apply = format!("pipectl -C {} apply {} $approval", quoted(project.folder), quoted(&project.plan));
    json!({
        "extends": ".write",
        "needs": needs,
        "when": "manual",
        // What comes after it waits until somebody has started it.
        "allow_failure": false,
        "environment": { "name": "$BRANCH" },
        "script": [approval, apply],
    })
}

/// A word of a shell's.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipeline_has_always_a_job_and_a_folder_stays_one_word() {
        let none: Value = serde_json::from_str(&child_pipeline(&[])).unwrap();
        assert!(none["nothing to apply"]["script"].is_array(), "{none}");
        let odd = Project { folder: "a b/it's; rm -rf $HOME", after: vec!["c"], plan: "plan.json".to_owned() };
        let one: Value = serde_json::from_str(&child_pipeline(&[odd])).unwrap();
        let job = &one["apply a b/it's; rm -rf $HOME"];
        assert_eq!(job["script"][1], r"pipectl -C 'a b/it'\''s; rm -rf $HOME' apply 'plan.json' $approval");
        assert_eq!(job["needs"][2], json!({ "job": "apply c" }));
    }
}
