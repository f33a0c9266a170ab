//! What a schema registry may say.

use pipectl::spec::diagnostic::Severity;
use pipectl::spec::{Options, Source, load};

use super::{GOOD, findings};

fn registry(lines: &str) -> Vec<String> {
    findings(&format!("{GOOD}\n[registry.events]\n{lines}\n"), Severity::Error)
}

#[track_caller]
fn refused(lines: &str, expected: &str) {
    let found = registry(lines);
    assert!(found.len() == 1 && found[0].contains(expected), "{lines}: {found:#?}");
}

fn schema(name: &str, more: &str) -> String {
    format!("[registry.events.schemas.{name}]\ndefinition = \"schemas/click.json\"\nformat = \"json\"\n{more}")
}

#[test]
fn a_registry_has_a_name_of_its_own() {
    assert_eq!(registry("name = \"events.v2-$#_\""), [""; 0]);
    refused("name = \"default-registry\"", "what AWS calls the registry of schemas that name none");
    refused("name = \"a b\"", "which holds ` `");
}

#[test]
fn schemas_have_names_that_fit_into_a_tag() {
    assert_eq!(registry(&schema("click_v2-a", "compatibility = \"forward_all\"")), [""; 0]);
    assert_eq!(registry(&schema("\"click.v2\"", "")), [""; 0]);
    refused(&schema("\"a b\"", ""), "`a b` cannot be the name of a schema");
    refused(&schema("\"a#b\"", ""), "`a#b` cannot be the name of a schema");
    refused(&schema(&"a".repeat(240), ""), "names that are too long together");
    refused(&schema("click", "compatibility = \"sideways\""), "sideways");
}

#[test]
fn a_definition_lies_in_the_project_and_has_a_format() {
    refused("schemas = { a = { definition = \"../a.json\", format = \"json\" } }", "lies outside the project's folder");
    refused("schemas = { a = { definition = \"/a.json\", format = \"json\" } }", "lies outside the project's folder");
    refused("schemas = { a = { definition = \"a.xml\", format = \"xml\" } }", "xml");
    refused("schemas = { a = { definition = \"a.json\" } }", "format");
}

#[test]
fn a_definition_that_describes_nothing_is_refused_where_it_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("schemas")).unwrap();
    let found = |format: &str, definition: &str| {
        let spec =
            format!("{GOOD}\n[registry.events]\n{}", schema("click", "").replace("\"json\"", &format!("\"{format}\"")));
        std::fs::write(folder.path().join("dev.toml"), &spec).unwrap();
        std::fs::write(folder.path().join("schemas/click.json"), definition).unwrap();
        let options = Options { root: folder.path().to_owned(), ..Options::default() };
        let report = load(&Source::File(folder.path().join("dev.toml")), &options).err()?;
        let line = spec.lines().position(|line| line.starts_with("definition")).map(|line| line + 1);
        let entry = report.entries().into_iter().next()?;
        assert_eq!(entry.line, line, "{entry:?}");
        Some(entry.message)
    };
    assert_eq!(found("json", "{ \"type\": \"object\" }"), None);
    assert_eq!(found("avro", "\"string\""), None);
    for (format, definition, expected) in [
        ("json", "{ nope", "is not JSON"),
        ("json", "[]", "describes nothing"),
        ("avro", "3", "describes nothing"),
        ("protobuf", " ", "is empty"),
        ("json", "\u{feff}{}", "byte order mark"),
    ] {
        assert!(found(format, definition).unwrap().contains(expected), "{format} {definition}");
    }
}

#[test]
fn a_job_reads_by_schemas_and_writes_none() {
    let job =
        |lines: &str| format!("[job.clean]\nscript = \"jobs/clean.py\"\ncode_bucket = \"bucket.events\"\n{lines}");
    assert_eq!(registry(&job("reads = [\"registry.events\"]")), [""; 0]);
    refused(&job("writes = [\"registry.events\"]"), "must be a `bucket` or `dataset`, not a `registry`");
}

#[test]
fn a_function_uses_a_registry_to_read_and_for_nothing_else() {
    let function = |access: &str| {
        format!(
            "[function.read]\ncode = \"functions/read\"\nruntime = \"python3.13\"\nhandler = \"app.handler\"\n\
             uses = [\"registry.events:{access}\"]"
        )
    };
    assert_eq!(registry(&function("read")), [""; 0]);
    refused(&function("write"), "`write` says nothing of a registry");
}
