//! What widens access is marked, and applied only where somebody approves, on MiniStack.

use insta::assert_snapshot;

use super::{pipeline, project};
use crate::support::emulator;

#[tokio::test]
async fn what_widens_access_is_marked_and_waits_for_an_approval() {
    let account = emulator::ministack().account();
    let spec = pipeline(&account);
    let cli = project(&account, &spec);
    // All of it is new: that widens nothing.
    let first = cli.run(&["apply", "--env", "dev", "--auto-approve"]).success();
    assert!(!first.stdout.contains("widens"), "{first}");

    cli.write("envs/dev.toml", &spec.replace("prefix = \"events/\"\naccess", "prefix = \"\"\naccess"));
    assert_snapshot!(cli.run(&["plan", "--env", "dev"]), @r#"
    --- stdout
    dev ([ACCOUNT], us-east-1): 1 to update, 9 unchanged.

    ~ update   snowpipe.events/user  AWS::IAM::User  acme-dev-events
               policies.read.Statement  see IAM statements

    IAM statements
      snowpipe.events/user policies.read
        ~ Allow  broadened: s3:GetObject, s3:GetObjectVersion
          on     - arn:aws:s3:::events-[ACCOUNT]/events/*
                 + arn:aws:s3:::events-[ACCOUNT]/*
          ! widens access: it allows more than before
        ~ Allow  broadened: s3:ListBucket
          on     arn:aws:s3:::events-[ACCOUNT]
          if     - StringLike s3:prefix = events/*
                 + StringLike s3:prefix = *
          ! widens access: it allows more than before

    Still missing
      snowpipe.events: Snowpipe is not told of new objects: the ARN of its queue is missing
        run the statements of `pipectl snowflake-sql --env dev` in Snowflake; set `queue_arn` to the
        `notification_channel` of SHOW PIPES
    --- stderr
    warning: Snowpipe would also load what `firehose.clicks` could not deliver
      --> envs/dev.toml:28:10
       |
    28 | prefix = ""
       |          ^^
       |
       = help: give that firehose an `error_prefix` outside this prefix

    saved as plan.json; `pipectl apply plan.json --approve-broadening` does exactly this, and widens access
    --- exit code 0
    "#);
    assert_snapshot!(cli.run(&["apply", "plan.json"]), @r"
    --- stderr
    error: refused: the plan widens access in 2 places
      snowpipe.events/user policies.read allows more than before (s3:GetObject, s3:GetObjectVersion)
      snowpipe.events/user policies.read allows more than before (s3:ListBucket)
    what now: if that is meant, apply it with `--approve-broadening`
    --- exit code 6
    ");
    let refused = cli.run(&["apply", "--env", "dev", "--auto-approve", "--json"]).fails(6);
    assert_eq!(refused.json()["error"]["exit_code"], 6);
    assert_eq!(cli.answer(&["apply", "--env", "dev"], "dev\n").code, 6, "nobody can be asked");
    let shown = cli.run(&["show", "plan.json", "--json"]).json();
    let first = &shown["broadens"][0];
    assert_eq!((&first["address"], &first["policy"]), (&"snowpipe.events/user".into(), &"policies.read".into()));
    assert_eq!(first["statement"]["Action"], serde_json::json!(["s3:GetObject", "s3:GetObjectVersion"]));
    assert_snapshot!(cli.run(&["show", "plan.json", "--markdown"]), @r"
    --- stdout
    ### Plan of `dev` of `acme` in `[ACCOUNT]`, `us-east-1`

    **1 to update, 9 unchanged**

    Made `[TIME]` by `pipectl 0.1.0`, good until `[TIME]`.

    #### :warning: Widens access

    - **`snowpipe.events/user`** policies.read allows more than before (s3:GetObject, s3:GetObjectVersion)
    - **`snowpipe.events/user`** policies.read allows more than before (s3:ListBucket)

    #### Update (1)

    - **`snowpipe.events/user`** AWS::IAM::User `acme-dev-events`

      <details><summary>1 field</summary>

      - `policies.read.Statement` `see IAM statements`

      </details>

    #### IAM statements

    - **`snowpipe.events/user`** `policies.read`: 2 **broadened**

      <details open><summary>2 statements</summary>

      - **broadened** (**widens access**): Allow `s3:GetObject`, `s3:GetObjectVersion`
        - on new: `arn:aws:s3:::events-[ACCOUNT]/*`; no longer: `arn:aws:s3:::events-[ACCOUNT]/events/*`
      - **broadened** (**widens access**): Allow `s3:ListBucket`
        - on `arn:aws:s3:::events-[ACCOUNT]`
        - if new: `StringLike s3:prefix = *`; no longer: `StringLike s3:prefix = events/*`

      </details>

    #### Still missing

    - **`snowpipe.events`** Snowpipe is not told of new objects: the ARN of its queue is missing
      - run the statements of `pipectl snowflake-sql --env dev` in Snowflake; set `queue_arn` to the `notification_channel` of SHOW PIPES
    --- exit code 0
    ");
    assert!(cli.run(&["show", "plan.json", "--html", "-"]).success().stdout.contains("Widens access"));
    let applied = cli.run(&["apply", "plan.json", "--approve-broadening", "--json"]).success();
    assert_eq!(applied.json()["summary"]["update"], 1, "{applied}");

    // Less again needs no approval.
    cli.write("envs/dev.toml", &spec);
    let _ = cli.run(&["apply", "--env", "dev", "--auto-approve"]).success();
}

#[tokio::test]
async fn a_boundary_that_goes_widens_access() {
    let account = emulator::ministack().account();
    let cli = project(&account, &pipeline(&account));
    let _ = cli.run(&["apply", "--env", "dev", "--auto-approve"]).success();
    let iam = account.aws().client(aws_sdk_iam::Client::new).await;
    let bound = iam.put_role_permissions_boundary().role_name("acme-dev-clicks-firehose");
    bound.permissions_boundary("arn:aws:iam::aws:policy/ReadOnlyAccess").send().await.unwrap();
    assert_snapshot!(cli.run(&["plan", "--env", "dev"]), @r#"
    --- stdout
    dev ([ACCOUNT], us-east-1): 1 to update, 9 unchanged.

    ~ update   firehose.clicks/role  AWS::IAM::Role  acme-dev-clicks-firehose
               permissions_boundary  "arn:aws:iam::aws:policy/ReadOnlyAccess" → (none)  changed outside pipectl

    Changed outside pipectl since the last apply
      firehose.clicks/role (this plan makes it as the spec says)
               permissions_boundary  (none) → "arn:aws:iam::aws:policy/ReadOnlyAccess"

    Access besides
      firehose.clicks/role permissions_boundary
        ! widens access: it takes away the boundary `arn:aws:iam::aws:policy/ReadOnlyAccess`

    Still missing
      snowpipe.events: Snowpipe is not told of new objects: the ARN of its queue is missing
        run the statements of `pipectl snowflake-sql --env dev` in Snowflake; set `queue_arn` to the
        `notification_channel` of SHOW PIPES
    --- stderr

    saved as plan.json; `pipectl apply plan.json --approve-broadening` does exactly this, and widens access
    --- exit code 0
    "#);
    let _ = cli.run(&["apply", "plan.json"]).fails(6);
}

#[tokio::test]
async fn a_key_that_somebody_has_switched_off_waits_for_an_approval_to_work_again() {
    let account = emulator::ministack().account();
    let cli = project(&account, &pipeline(&account));
    let _ = cli.run(&["apply", "--env", "dev", "--auto-approve"]).success();
    let iam = account.aws().client(aws_sdk_iam::Client::new).await;
    let keys = iam.list_access_keys().user_name("acme-dev-events").send().await.unwrap();
    let id = keys.access_key_metadata()[0].access_key_id().unwrap();
    let off = iam.update_access_key().user_name("acme-dev-events").access_key_id(id);
    off.status(aws_sdk_iam::types::StatusType::Inactive).send().await.unwrap();
    let plan = cli.run(&["plan", "--env", "dev"]).success();
    assert!(plan.stdout.contains("! widens access: it is switched on"), "{plan}");
    let refused = cli.run(&["apply", "--env", "dev", "--auto-approve"]).fails(6);
    assert!(refused.stderr.contains("active is switched on"), "{refused}");
    let _ = cli.run(&["apply", "plan.json"]).fails(6);
    let _ = cli.run(&["apply", "plan.json", "--approve-broadening"]).success();
    // One that somebody has deleted comes back with another secret, in the same parameter.
    let _ = iam.delete_access_key().user_name("acme-dev-events").access_key_id(id).send().await.unwrap();
    let refused = cli.run(&["apply", "--env", "dev", "--auto-approve"]).fails(6);
    assert!(refused.stderr.contains("comes back, which somebody has deleted"), "{refused}");
}

#[tokio::test]
async fn a_role_that_an_apply_failed_to_delete_is_not_new_when_it_is_widened() {
    let account = emulator::ministack().account();
    let (behind, proxy) = account.behind_proxy();
    let spec = pipeline(&account);
    let cli = project(&behind, &spec);
    let _ = cli.run(&["apply", "--env", "dev", "--auto-approve"]).success();
    let (kept, rest) = spec.split_once("[firehose.clicks]").unwrap();
    let (_, pipe) = rest.split_once("[snowpipe.events]").unwrap();
    cli.write("envs/dev.toml", &format!("{kept}[snowpipe.events]{pipe}"));
    proxy.on("iam:DeleteRole").fail(crate::support::proxy::Failure::Denied);
    let _ = cli.run(&["apply", "--env", "dev", "--auto-approve"]).fails(7);
    // Its policies are gone, and the role is there still: what gives them back is no creation.
    cli.write("envs/dev.toml", &spec);
    let plan = cli.run(&["plan", "--env", "dev"]).success();
    assert!(!plan.stdout.contains("outside pipectl"), "{plan}");
    assert!(plan.stdout.contains("! widens access"), "{plan}");
    let broadens = cli.run(&["show", "plan.json", "--json"]).json()["broadens"].clone();
    assert_eq!(broadens[0]["address"], "firehose.clicks/role", "{broadens:#}");
    let _ = cli.run(&["apply", "plan.json"]).fails(6);
}
