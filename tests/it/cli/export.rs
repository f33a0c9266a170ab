//! `export`: what it says and writes, without AWS.

use insta::assert_snapshot;

use super::SMALL;
use crate::support::cli::Cli;

fn cli() -> Cli {
    Cli::new().file("envs/dev.toml", SMALL)
}

const OFFLINE: [&str; 5] = ["--env", "dev", "--offline", "--account", "123456789012"];

fn terraform(more: &[&'static str]) -> Vec<&'static str> {
    [&["export", "terraform"][..], &OFFLINE, more].concat()
}

#[test]
fn terraform_gets_a_folder_and_the_commands_to_run_in_it() {
    let cli = cli();
    assert_snapshot!(cli.run(&terraform(&[])), @r#"
    --- stdout
    wrote export/terraform/dev: README.md, imports.tf, main.tf, versions.tf

    to import:
      cd export/terraform/dev
      terraform init
      terraform plan     # 3 to import, 0 to add, 0 to change, 0 to destroy
      terraform apply
    --- stderr
    warning: AWS was not asked: whether all this exists, and is as the spec says, is not known
    --- exit code 0
    "#);
    assert_snapshot!(cli.read("export/terraform/dev/imports.tf"), @r#"
    # What exists already, and is taken over as it is. Once applied, this file can go.

    import {
      to = aws_cloudwatch_metric_alarm.alarm_lag
      id = "acme-dev-lag"
    }

    import {
      to = aws_kinesis_stream.stream_clicks
      id = "acme-dev-clicks"
    }

    import {
      to = aws_sns_topic.topic_alerts
      id = "arn:aws:sns:us-east-1:123456789012:acme-dev-alerts"
    }
    "#);
    assert_snapshot!(cli.read("export/terraform/dev/versions.tf"), @r#"
    # Terraform keeps its state in this folder unless told otherwise. To share it, put a backend into the block below:
    #   backend "s3" {
    #     bucket       = "…"
    #     key          = "…/terraform.tfstate"
    #     region       = "…"
    #     use_lockfile = true
    #   }
    terraform {
      required_version = ">= 1.5.0"

      required_providers {
        aws = { source = "hashicorp/aws", version = ">= 5.100.0, < 7.0.0" }
      }
    }

    provider "aws" {
      region              = "us-east-1"
      allowed_account_ids = ["123456789012"]
    }
    "#);
    assert_snapshot!(cli.read("export/terraform/dev/README.md"), @r#"
    # acme dev for Terraform

    Exported by pipectl from account 123456789012 in us-east-1.

    `main.tf` holds the resources, `imports.tf` what takes them over, `versions.tf` the provider and the place for a backend.

    1. `pipectl plan` must show no changes: what differs between spec and AWS would differ here too.
    2. Run the commands below. The plan must read `3 to import, 0 to add, 0 to change, 0 to destroy`; if it does not, stop and
       look at what differs.
    3. From the apply on Terraform manages these resources. Let nothing run pipectl on this environment again: `pipectl forget`
       with each block, or delete its folder of the state. Neither touches a resource.
    4. `imports.tf` can go, and so can the tags `pipectl:project`, `pipectl:env` and `pipectl:address`.

    ```sh
    terraform init
    terraform plan     # 3 to import, 0 to add, 0 to change, 0 to destroy
    terraform apply
    ```
    "#);
}

#[test]
fn cloudformation_gets_a_folder_and_the_commands_to_run_in_it() {
    let cli = cli();
    assert_snapshot!(cli.run(&[&["export", "cloudformation"][..], &OFFLINE].concat()), @r#"
    --- stdout
    wrote export/cloudformation/dev: README.md, resources-to-import.json, template.yaml

    to import:
      cd export/cloudformation/dev
      aws cloudformation create-change-set --region us-east-1 --stack-name acme-dev --change-set-name import --change-set-type IMPORT --resources-to-import file://resources-to-import.json --template-body file://template.yaml --capabilities CAPABILITY_NAMED_IAM
      aws cloudformation wait change-set-create-complete --region us-east-1 --stack-name acme-dev --change-set-name import
      aws cloudformation describe-change-set --region us-east-1 --stack-name acme-dev --change-set-name import
      aws cloudformation execute-change-set --region us-east-1 --stack-name acme-dev --change-set-name import
    --- stderr
    warning: AWS was not asked: whether all this exists, and is as the spec says, is not known
    --- exit code 0
    "#);
    assert_snapshot!(cli.read("export/cloudformation/dev/resources-to-import.json"), @r#"
    [
      {
        "ResourceType": "AWS::CloudWatch::Alarm",
        "LogicalResourceId": "AlarmLag",
        "ResourceIdentifier": {
          "AlarmName": "acme-dev-lag"
        }
      },
      {
        "ResourceType": "AWS::Kinesis::Stream",
        "LogicalResourceId": "StreamClicks",
        "ResourceIdentifier": {
          "Name": "acme-dev-clicks"
        }
      },
      {
        "ResourceType": "AWS::SNS::Topic",
        "LogicalResourceId": "TopicAlerts",
        "ResourceIdentifier": {
          "TopicArn": "arn:aws:sns:us-east-1:123456789012:acme-dev-alerts"
        }
      },
      {
        "ResourceType": "AWS::SNS::TopicInlinePolicy",
        "LogicalResourceId": "TopicAlertsPolicy",
        "ResourceIdentifier": {
          "TopicArn": "arn:aws:sns:us-east-1:123456789012:acme-dev-alerts"
        }
      }
    ]
    "#);
}

#[test]
fn what_somebody_else_wrote_is_not_overwritten() {
    let cli = cli();
    cli.run(&terraform(&["--out", "tf"])).success();
    cli.run(&terraform(&["--out", "tf", "--set", "stream.clicks.shards=2"])).success();
    assert!(cli.read("tf/main.tf").contains("shard_count      = 2"));
    cli.write("tf/main.tf", "# mine\n");
    assert_snapshot!(cli.run(&terraform(&["--out", "tf"])), @r#"
    --- stderr
    warning: AWS was not asked: whether all this exists, and is as the spec says, is not known
    error: nothing was written, for tf has main.tf that pipectl did not write so
    what now: choose another folder with `--out`, or overwrite them with `--force`
    --- exit code 1
    "#);
    assert_eq!(cli.read("tf/main.tf"), "# mine\n");
    cli.run(&terraform(&["--out", "tf", "--force"])).success();
    assert!(cli.read("tf/main.tf").contains("shard_count      = 1"));
}

#[test]
fn json_holds_the_files_and_writes_none_unless_told_to() {
    let cli = cli();
    let json = cli.run(&terraform(&["--json"])).success().json();
    let names: Vec<&String> = json["files"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["README.md", "imports.tf", "main.tf", "versions.tf"]);
    assert!(json["files"]["main.tf"].as_str().unwrap().contains("aws_kinesis_stream"));
    assert!(json["folder"].is_null() && !cli.path("export").exists());
    let json = cli.run(&terraform(&["--json", "--out", "tf"])).success().json();
    assert_eq!(json["files"]["main.tf"], cli.read("tf/main.tf"));
}

#[test]
fn whose_account_it_is_must_be_known() {
    let cli = cli();
    assert_snapshot!(cli.run(&["export", "terraform", "--env", "dev", "--offline"]), @r#"
    --- stderr
    error: whose account? dev names none
    what now: name it with `--account`, or with `[env] account_id`
    --- exit code 1
    "#);
    assert_snapshot!(cli.run(&["export", "terraform", "--env", "dev", "--offline", "--account", "12345"]), @r#"
    --- stderr
    error: invalid value '12345' for '--account <ACCOUNT>': an account is twelve digits

    For more information, try '--help'.
    --- exit code 1
    "#);
}
