//! As whom commands act: what `[env]` may say of it, and what its role needs.

use insta::assert_snapshot;

use super::SMALL;
use crate::support::cli::Cli;

/// The small spec with more lines in `[env]`.
fn with(lines: &str) -> String {
    SMALL.replacen("[env]\n", &format!("[env]\n{lines}"), 1)
}

#[test]
fn every_mistake_about_profile_and_role_has_its_place() {
    let cli = Cli::new();
    let told = |lines: &str| {
        cli.write("envs/dev.toml", &with(lines));
        cli.run(&["validate", "--env", "dev"])
    };
    let role = "role_arn = \"arn:aws:iam::210987654321:role/deploy\"\n";
    assert_snapshot!(told(&format!("account_id = \"123456789012\"\n{role}")), @r#"
    --- stderr
    error: the role is one of the account 210987654321, and `account_id` is 123456789012
     --> envs/dev.toml:6:12
      |
    6 | role_arn = "arn:aws:iam::210987654321:role/deploy"
      |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: name a role of that account: resources and state are where the role is

    1 mistake.
    --- exit code 1
    "#);
    assert_snapshot!(told("role_arn = \"arn:aws:iam::123456789012:user/deploy\"\nprofile = \" acme\"\n"), @r#"
    --- stderr
    error: `arn:aws:iam::123456789012:user/deploy` is not the ARN of a role
     --> envs/dev.toml:5:12
      |
    5 | role_arn = "arn:aws:iam::123456789012:user/deploy"
      |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: write the ARN of a role: `arn:${partition}:iam::123456789012:role/NAME`

    error: ` acme` is not the name of a profile
     --> envs/dev.toml:6:11
      |
    6 | profile = " acme"
      |           ^^^^^^^
      |
      = help: `aws configure list-profiles` lists them

    2 mistakes.
    --- exit code 1
    "#);
    assert_snapshot!(told("role_arn = \"arn:${partition}:iam::${account}:role/deploy\"\n"), @r#"
    --- stderr
    error: the role's account is not known: nothing says it before the role is assumed
     --> envs/dev.toml:5:12
      |
    5 | role_arn = "arn:${partition}:iam::${account}:role/deploy"
      |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: write the account's twelve digits into the ARN, or set `account_id`

    1 mistake.
    --- exit code 1
    "#);
    assert_snapshot!(told("role_arn = \"arn:aws-cn:iam::123456789012:role/deploy\"\n"), @r#"
    --- stderr
    error: the role is in the partition `aws-cn`, and `us-east-1` in `aws`
     --> envs/dev.toml:5:12
      |
    5 | role_arn = "arn:aws-cn:iam::123456789012:role/deploy"
      |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: write the ARN of a role: `arn:${partition}:iam::123456789012:role/NAME`

    warning: this names something in the partition `aws-cn`, and `us-east-1` is in `aws`
     --> envs/dev.toml:5:12
      |
    5 | role_arn = "arn:aws-cn:iam::123456789012:role/deploy"
      |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: write `arn:${partition}:…`, which follows the region

    1 mistake.
    --- exit code 1
    "#);
    assert_snapshot!(told("external_id = \"acme-7\"\nsession_name = \"a b\"\n"), @r#"
    --- stderr
    error: `external_id` belongs to a role, and `env` has no `role_arn`
     --> envs/dev.toml:5:15
      |
    5 | external_id = "acme-7"
      |               ^^^^^^^^
      |
      = help: add `role_arn`, or leave it out

    error: `env.session_name` is malformed: it must match `^[A-Za-z0-9_+=,.@-]*$`
     --> envs/dev.toml:6:16
      |
    6 | session_name = "a b"
      |                ^^^^^
      |
      = help: How CloudTrail names the role's sessions; absent: `pipectl-` and the name of the CI's or the machine's user.

    2 mistakes.
    --- exit code 1
    "#);
    told("account_id = \"123456789012\"\nrole_arn = \"arn:${partition}:iam::${account}:role/deploy\"\n").success();
    told(role).success();
}

#[test]
fn what_caller_and_role_need_is_printed() {
    let lines = "role_arn = \"arn:aws:iam::123456789012:role/ci/deploy\"\nexternal_id = \"acme-7\"\n";
    let spec = with(lines).replace("local = \"state\"", "bucket = \"acme-state\"\nfolder = \"pipectl\"");
    let cli = Cli::new().file("envs/dev.toml", &spec);
    let printed = cli.run(&["deploy-policy", "--env", "dev", "--gitlab-project", "acme/clicks"]).success();
    let (_, assumed) = printed.stdout.split_once("\nCommands act as").unwrap();
    // Whom the roles of CI trust is the same as without.
    let (before, rest) = assumed.split_once("trust-plan: ").unwrap();
    let (_, after) = rest.split_once("To make the roles").unwrap();
    assert_snapshot!(format!("Commands act as{before}To make the roles{after}"), @r#"
    Commands act as arn:aws:iam::123456789012:role/ci/deploy: the policies above are for this role.
    Whoever may assume it may do all that they allow.

    assume: what whoever calls needs, and nothing else
    {
      "Statement": [
        {
          "Action": [
            "sts:AssumeRole"
          ],
          "Effect": "Allow",
          "Resource": [
            "arn:aws:iam::123456789012:role/ci/deploy"
          ]
        }
      ],
      "Version": "2012-10-17"
    }

    trust-role: whom the role trusts; `--caller ARN` names who calls
    {
      "Statement": [
        {
          "Action": "sts:AssumeRole",
          "Condition": {
            "StringEquals": {
              "sts:ExternalId": "acme-7"
            }
          },
          "Effect": "Allow",
          "Principal": {
            "AWS": "arn:aws:iam::123456789012:root"
          }
        }
      ],
      "Version": "2012-10-17"
    }

    To make the roles
    # once per account
    aws iam create-open-id-connect-provider --url https://gitlab.com --client-id-list https://gitlab.com

    pipectl deploy-policy --env dev --gitlab-project acme/clicks --print trust-plan > trust-plan.json
    aws iam create-role --role-name pipectl-plan-acme-dev --assume-role-policy-document file://trust-plan.json
    # only where the jobs of every branch may apply: they act as the same role then
    pipectl deploy-policy --env dev --gitlab-project acme/clicks --print assume > plan-policy.json
    aws iam put-role-policy --role-name pipectl-plan-acme-dev --policy-name pipectl --policy-document file://plan-policy.json

    pipectl deploy-policy --env dev --gitlab-project acme/clicks --print trust-apply > trust-apply.json
    aws iam create-role --role-name pipectl-apply-acme-dev --assume-role-policy-document file://trust-apply.json
    pipectl deploy-policy --env dev --gitlab-project acme/clicks --print assume > apply-policy.json
    aws iam put-role-policy --role-name pipectl-apply-acme-dev --policy-name pipectl --policy-document file://apply-policy.json

    pipectl deploy-policy --env dev --gitlab-project acme/clicks --print trust-role > trust-role.json
    aws iam create-role --role-name deploy --path /ci/ --assume-role-policy-document file://trust-role.json
    pipectl deploy-policy --env dev --gitlab-project acme/clicks --print apply > role-policy.json
    aws iam put-role-policy --role-name deploy --policy-name pipectl --policy-document file://role-policy.json

    # in GitLab's CI/CD variables, for this environment: AWS_PLAN_ROLE_ARN and AWS_APPLY_ROLE_ARN
    "#);
}

#[test]
fn who_assumes_the_role_is_named_or_refused() {
    let lines = "role_arn = \"arn:aws:iam::123456789012:role/ci/deploy\"\nexternal_id = \"acme-7\"\n";
    let cli = Cli::new().file("envs/dev.toml", &with(lines));
    let caller = ["--caller", "arn:aws:iam::210987654321:role/gitlab"];
    let print = |document: &str| {
        cli.run(&[&["deploy-policy", "--env", "dev", "--print", document], &caller[..]].concat()).success()
    };
    assert_snapshot!(print("assume"), @r#"
    --- stdout
    {
      "Statement": [
        {
          "Action": [
            "sts:AssumeRole"
          ],
          "Effect": "Allow",
          "Resource": [
            "arn:aws:iam::123456789012:role/ci/deploy"
          ]
        }
      ],
      "Version": "2012-10-17"
    }
    --- exit code 0
    "#);
    assert_snapshot!(print("trust-role"), @r#"
    --- stdout
    {
      "Statement": [
        {
          "Action": "sts:AssumeRole",
          "Condition": {
            "StringEquals": {
              "sts:ExternalId": "acme-7"
            }
          },
          "Effect": "Allow",
          "Principal": {
            "AWS": "arn:aws:iam::210987654321:role/gitlab"
          }
        }
      ],
      "Version": "2012-10-17"
    }
    --- exit code 0
    "#);
    assert_snapshot!(cli.run(&["deploy-policy", "--env", "dev", "--caller", "*"]), @r#"
    --- stderr
    error: `*` is not the ARN of a user, a role or an account: give it as `arn:aws:iam::123456789012:role/NAME`
    --- exit code 1
    "#);
    cli.write("envs/dev.toml", &with("account_id = \"123456789012\"\n"));
    assert_snapshot!(cli.run(&["deploy-policy", "--env", "dev", "--print", "assume"]), @r#"
    --- stderr
    error: the spec has no role that would be assumed
    what now: name it: `role_arn` in `[env]`
    --- exit code 1
    "#);
}
