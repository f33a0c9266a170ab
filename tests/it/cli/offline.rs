//! Commands that ask AWS nothing: `init`, `show`, `schema`, `completions`, `snowflake-sql`.

use insta::assert_snapshot;

use super::SMALL;
use crate::support::cli::Cli;
use crate::support::emulator;

#[test]
fn a_project_begins_in_an_empty_folder() {
    let cli = Cli::new();
    assert_snapshot!(cli.run(&["init", "clicks", "--email", "ann@example.org"]), @r"
    --- stdout
    wrote envs/base.toml, envs/dev.toml, envs/staging.toml, envs/prod.toml, .gitlab-ci.yml
    ready: project clicks. Look through envs/base.toml, and go on with
      cd clicks
      pipectl validate --env dev
      pipectl bootstrap --env dev
      pipectl plan --env dev
    --- exit code 0
    ");
    let base = cli.read("clicks/envs/base.toml");
    assert!(base.contains("name = \"clicks\"") && base.contains("ann@example.org"), "{base}");
    assert!(!base.contains("acme"), "{base}");
    let file = cli.path("clicks/envs/dev.toml");
    let _ = cli.run(&["validate", "--env-file", file.to_str().unwrap()]).success();
    let json = Cli::new().run(&["init", ".", "--name", "x", "--json"]).success().json();
    assert_eq!(json["project"], "x");
}

#[test]
fn a_project_overwrites_nothing() {
    let cli = Cli::new().file("envs/dev.toml", "mine").file(".gitlab-ci.yml", "mine");
    assert_snapshot!(cli.run(&["init", "--name", "acme"]), @r"
    --- stderr
    error: nothing was written, for . has envs/dev.toml, .gitlab-ci.yml already
    --- exit code 1
    ");
    assert_eq!(cli.read("envs/dev.toml"), "mine");
    assert!(!cli.path("envs/base.toml").exists());
}

#[test]
fn a_project_has_a_name_that_aws_takes() {
    let cli = Cli::new();
    let _ = cli.run(&["init", "My Clicks"]).success();
    assert!(cli.read("My Clicks/envs/base.toml").contains("name = \"my-clicks\""));
    assert_snapshot!(cli.run(&["init", "--name", "Acme_1"]), @r"
    --- stderr
    error: `Acme_1` cannot be a project's name
    what now: give one with `--name`: up to 32 lower-case letters, digits and hyphens, a letter first
    --- exit code 1
    ");
    assert_snapshot!(cli.run(&["init", "123"]), @r"
    --- stderr
    error: `123` cannot be a project's name
    what now: give one with `--name`: up to 32 lower-case letters, digits and hyphens, a letter first
    --- exit code 1
    ");
    assert_snapshot!(cli.run(&["init", "--name", "\u{1b}[31m"]), @r"
    --- stderr
    error: `\u{1b}[31m` cannot be a project's name
    what now: give one with `--name`: up to 32 lower-case letters, digits and hyphens, a letter first
    --- exit code 1
    ");
    assert_snapshot!(cli.run(&["init", "--name", "x", "--email", "nobody"]), @r"
    --- stderr
    error: `nobody` is no mail address
    --- exit code 1
    ");
    let _ = cli.run(&["init", "/dev/null/x", "--name", "x"]).fails(1);
}

#[test]
fn the_schema_is_one_that_editors_complete_by() {
    let cli = Cli::new();
    let schema = cli.run(&["schema"]).success().json();
    assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    // What taplo, which VS Code and others use for TOML, follows and shows.
    assert_eq!(schema["type"], "object");
    assert!(schema["properties"]["stream"].is_object() && schema["properties"]["extends"]["description"].is_string());
    let text = schema.to_string();
    for newer in ["$defs", "unevaluatedProperties", "prefixItems", "$dynamicRef"] {
        assert!(!text.contains(newer), "draft 7 has no `{newer}`");
    }
    assert!(cli.run(&["schema", "--markdown"]).success().stdout.starts_with('#'));
    assert!(cli.run(&["schema", "--markdown", "--json"]).success().json().is_string());
}

#[test]
fn every_shell_has_completions() {
    let cli = Cli::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = cli.run(&["completions", shell]).success().stdout;
        assert!(script.contains("pipectl") && script.contains("snowflake-sql"), "{shell}");
    }
    assert_snapshot!(cli.run(&["completions", "tcsh"]), @r"
    --- stderr
    error: invalid value 'tcsh' for '<SHELL>'
      [possible values: bash, elvish, fish, powershell, zsh]

      tip: a similar value exists: 'zsh'

    For more information, try '--help'.
    --- exit code 1
    ");
}

#[test]
fn bash_takes_its_completions() {
    let script = Cli::new().run(&["completions", "bash"]).success().stdout;
    let completed = "COMP_WORDS=(pipectl unl); COMP_CWORD=1; _pipectl pipectl unl pipectl; echo \"${COMPREPLY[*]}\"";
    let output = std::process::Command::new("bash").args(["-c", &format!("{script}\n{completed}")]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "unlock");
}

fn snowpipe(access: &str) -> String {
    format!(
        "{SMALL}[bucket.events]\n[snowpipe.events]\nbucket = \"bucket.events\"\nprefix = \"events/\"\n{access}\ntable = \"A.B.C\"\n"
    )
}

#[test]
fn snowflake_gets_its_statements() {
    let cli = Cli::new().file("envs/dev.toml", &snowpipe("access = \"user\""));
    assert_snapshot!(cli.run(&["snowflake-sql", "--env", "dev"]), @r#"
    --- stdout
    -- Snowflake's side of snowpipe.events in dev of acme.
    -- The table "A"."B"."C" must exist; columns are matched by name.

    -- The access key is in the SSM parameter /acme/dev/events/access-key; show it with
    --   aws ssm get-parameter --region us-east-1 --with-decryption --name /acme/dev/events/access-key
    CREATE FILE FORMAT IF NOT EXISTS "A"."B"."C_FORMAT"
      TYPE = JSON
      COMPRESSION = AUTO
      STRIP_OUTER_ARRAY = TRUE;

    CREATE STAGE IF NOT EXISTS "A"."B"."C_STAGE"
      URL = 's3://acme-dev-events/events/'
      CREDENTIALS = (AWS_KEY_ID = '<access_key_id>' AWS_SECRET_KEY = '<secret_access_key>')
      FILE_FORMAT = (FORMAT_NAME = '"A"."B"."C_FORMAT"');

    CREATE PIPE IF NOT EXISTS "A"."B"."C_PIPE"
      AUTO_INGEST = TRUE
      AS
      COPY INTO "A"."B"."C"
      FROM @"A"."B"."C_STAGE"
      FILE_FORMAT = (TYPE = JSON STRIP_OUTER_ARRAY = TRUE)
      MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE;

    -- Put notification_channel of this into the spec as queue_arn, and apply it.
    SHOW PIPES LIKE 'C\\_PIPE' IN SCHEMA "A"."B";
    --- exit code 0
    "#);
    assert!(cli.run(&["snowflake-sql", "--env", "dev", "--json"]).success().json()["events"].is_string());
    assert_snapshot!(cli.run(&["snowflake-sql", "--env", "dev", "evnts"]), @r"
    --- stderr
    error: dev has no such snowpipe block; it has events
    --- exit code 1
    ");
    let role = snowpipe("access = \"role\"").replace("[state]", "account_id = \"123456789012\"\n[state]");
    let cli = Cli::new().file("envs/dev.toml", &role);
    assert_snapshot!(cli.run(&["snowflake-sql", "--env", "dev", "snowpipe.events"]), @r#"
    --- stdout
    -- Snowflake's side of snowpipe.events in dev of acme.
    -- The table "A"."B"."C" must exist; columns are matched by name.

    CREATE STORAGE INTEGRATION IF NOT EXISTS "ACME_DEV_EVENTS"
      TYPE = EXTERNAL_STAGE
      STORAGE_PROVIDER = 'S3'
      ENABLED = TRUE
      STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::123456789012:role/acme-dev-events'
      STORAGE_ALLOWED_LOCATIONS = ('s3://acme-dev-events/events/');

    -- Put STORAGE_AWS_IAM_USER_ARN and STORAGE_AWS_EXTERNAL_ID of this into the spec as snowflake_user_arn and
    -- external_id, and apply it, before you go on: the stage needs the role.
    DESC STORAGE INTEGRATION "ACME_DEV_EVENTS";

    CREATE FILE FORMAT IF NOT EXISTS "A"."B"."C_FORMAT"
      TYPE = JSON
      COMPRESSION = AUTO
      STRIP_OUTER_ARRAY = TRUE;

    CREATE STAGE IF NOT EXISTS "A"."B"."C_STAGE"
      URL = 's3://acme-dev-events/events/'
      STORAGE_INTEGRATION = "ACME_DEV_EVENTS"
      FILE_FORMAT = (FORMAT_NAME = '"A"."B"."C_FORMAT"');

    CREATE PIPE IF NOT EXISTS "A"."B"."C_PIPE"
      AUTO_INGEST = TRUE
      AS
      COPY INTO "A"."B"."C"
      FROM @"A"."B"."C_STAGE"
      FILE_FORMAT = (TYPE = JSON STRIP_OUTER_ARRAY = TRUE)
      MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE;

    -- Put notification_channel of this into the spec as queue_arn, and apply it.
    SHOW PIPES LIKE 'C\\_PIPE' IN SCHEMA "A"."B";
    --- exit code 0
    "#);
    let account = emulator::ministack().account();
    let asked =
        super::project(&account, &snowpipe("access = \"role\"")).run(&["snowflake-sql", "--env", "dev"]).success();
    assert!(asked.stdout.contains(&format!("arn:aws:iam::{}:role/acme-dev-events", account.id)), "{asked}");
    let cli = Cli::new().file("envs/dev.toml", SMALL);
    assert_snapshot!(cli.run(&["snowflake-sql", "--env", "dev"]), @r"
    --- stderr
    error: dev has no such snowpipe block; it has none at all
    --- exit code 1
    ");
}

#[test]
fn only_whole_plans_are_shown() {
    let cli = Cli::new().file("text.json", "{\"format\": \"pipectl/pl").file("other.json", "{\"a\": 1}");
    let cli = cli.file("newer.json", r#"{"format": "pipectl/plan", "version": 99, "made_by": "pipectl 9.0.0"}"#);
    assert_snapshot!(cli.run(&["show"]), @r"
    --- stderr
    error: `plan.json` cannot be read: No such file or directory (os error 2)
    what now: `pipectl plan --env ENV` makes a plan
    --- exit code 1
    ");
    assert_snapshot!(cli.run(&["show", "text.json"]), @r"
    --- stderr
    error: `text.json` cannot be used as a plan: it is not a complete plan file: EOF while parsing a string at line 1 column 22
    what now: make a new one: `pipectl plan --env ENV`
    --- exit code 1
    ");
    assert_snapshot!(cli.run(&["show", "other.json"]), @r"
    --- stderr
    error: `other.json` cannot be used as a plan: it is JSON, but not a plan of pipectl's
    what now: make a new one: `pipectl plan --env ENV`
    --- exit code 1
    ");
    assert_snapshot!(cli.run(&["show", "newer.json"]), @r"
    --- stderr
    error: `newer.json` cannot be used as a plan: its format 99 is newer than this pipectl knows (2); pipectl 9.0.0 wrote it: upgrade pipectl
    --- exit code 1
    ");
    assert_snapshot!(cli.run(&["show", "."]), @r"
    --- stderr
    error: `.` cannot be read: Is a directory (os error 21)
    what now: `pipectl plan --env ENV` makes a plan
    --- exit code 1
    ");
    let json = cli.run(&["show", "text.json", "--json"]).fails(1).json();
    assert_eq!(json["error"]["exit_code"], 1);
}

#[test]
fn empty_edited_and_endless_plans_are_told_apart() {
    let edited = include_str!("../../files/plan/v1.json").replace("\"env\": \"dev\"", "\"env\": \"prod\"");
    let cli = Cli::new().file("empty.json", "").file("edited.json", &edited);
    // Takes no room on the disk.
    std::fs::File::create(cli.path("huge.json")).unwrap().set_len(65 << 20).unwrap();
    assert_snapshot!(cli.run(&["show", "empty.json"]), @r"
    --- stderr
    error: `empty.json` cannot be used as a plan: it is not a complete plan file: EOF while parsing a value at line 1 column 0
    what now: make a new one: `pipectl plan --env ENV`
    --- exit code 1
    ");
    assert_snapshot!(cli.run(&["show", "edited.json"]), @r"
    --- stderr
    error: `edited.json` cannot be used as a plan: it was changed after it was made: its contents do not match its digest
    what now: make a new one: `pipectl plan --env ENV`
    --- exit code 1
    ");
    for endless in ["huge.json", "/dev/zero"] {
        let output = cli.run(&["show", endless]).fails(1);
        let expected = format!("error: `{endless}` cannot be read: it has more than 64 MiB\n");
        assert!(output.stderr.starts_with(&expected), "{output}");
    }
}
