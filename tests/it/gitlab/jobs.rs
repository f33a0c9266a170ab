//! Which jobs a pipeline has, as gitlab-ci-local evaluates the rules: by its source, its branch, open merge requests.

use super::project::Project;

/// The jobs of a pipeline on `dev`, each with when it runs and the environment that it belongs to.
fn jobs(project: &Project, variables: &[(&str, &str)], arguments: &[&str]) -> Vec<String> {
    let table = project.ask(variables, &[&["--list-csv"], arguments].concat());
    let rows = table.lines().skip(1).map(|line| line.split(';').collect::<Vec<_>>());
    rows.map(|row| format!("{} {} {}", row[0], row[2], row[4]).trim_end().to_owned()).collect()
}

const ALL: [&str; 5] =
    ["validate on_success", "build on_success", "plan on_success dev", "apply manual dev", "destroy manual dev"];

#[test]
fn a_push_validates_and_plans_and_leaves_the_rest_to_people() {
    let Some(project) = Project::new() else { return };
    assert_eq!(jobs(&project, &[], &[]), ALL);
    assert_eq!(jobs(&project, &[("CI_PIPELINE_SOURCE", "web")], &[]), ALL);
}

/// The jobs of a merge request's pipeline in project 7, from a branch of another project or its own.
fn of_merge_request(project: &Project, from: &str) -> Vec<String> {
    let variables = [
        ("CI_PIPELINE_SOURCE", "merge_request_event"),
        ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "staging"),
        ("CI_PROJECT_ID", "7"),
        ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", from),
    ];
    jobs(project, &variables, &["--unset-variable", "CI_COMMIT_BRANCH"])
}

#[test]
fn a_merge_request_is_planned_for_the_environment_of_its_target() {
    let Some(project) = Project::new() else { return };
    let found = of_merge_request(&project, "7");
    assert_eq!(found, ["validate on_success", "build on_success", "plan on_success staging"]);
}

#[test]
fn a_merge_request_from_a_fork_is_neither_built_nor_planned() {
    let Some(project) = Project::new() else { return };
    assert_eq!(of_merge_request(&project, "8"), ["validate on_success"]);
}

#[test]
fn a_schedule_only_looks_for_drift() {
    let Some(project) = Project::new() else { return };
    assert_eq!(jobs(&project, &[("CI_PIPELINE_SOURCE", "schedule")], &[]), ["drift on_success dev"]);
}

/// gitlab-ci-local lists jobs also where `workflow` wants no pipeline; that then has no environment.
#[test]
fn a_branch_with_a_merge_request_has_one_pipeline_unless_it_has_an_environment() {
    let Some(project) = Project::new() else { return };
    let open = ("CI_OPEN_MERGE_REQUESTS", "acme/clickstream!7");
    let found = jobs(&project, &[open, ("CI_COMMIT_REF_PROTECTED", "false")], &[]);
    assert!(found.iter().all(|job| !job.ends_with("dev")), "{found:?}");
    assert_eq!(jobs(&project, &[open, ("CI_COMMIT_REF_PROTECTED", "true")], &[]), ALL);
    let scheduled = [open, ("CI_COMMIT_REF_PROTECTED", "false"), ("CI_PIPELINE_SOURCE", "schedule")];
    assert_eq!(jobs(&project, &scheduled, &[]), ["drift on_success dev"]);
}
