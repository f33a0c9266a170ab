//! The page of a plan in a browser: what a person sees and does there, and what hostile text does not.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use pipectl::engine::planfile::Plan;
use pipectl::report::html::page;
use serde_json::{Value, json};

use crate::support::planned;

/// Drives a browser that is there already; pinned, as the emulators are.
const PLAYWRIGHT: &str = "playwright-core@1.65.1";
/// What Chromium is called, wherever it comes from.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// The browser on the PATH. Without one the test says that it was skipped; where everything must be tested, it fails.
fn browser() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places = std::env::split_paths(&path).flat_map(|folder| BROWSERS.map(|name| folder.join(name)));
    let found = places.find(|place| place.is_file());
    if found.is_none() {
        println!("skipped: none of {BROWSERS:?} is on the PATH");
        assert!(std::env::var_os("PIPECTL_TEST_ALL").is_none(), "PIPECTL_TEST_ALL wants a browser");
    }
    found
}

/// The folder that has Playwright, fetched once for all test runs.
fn playwright() -> &'static Path {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name(PLAYWRIGHT.replace('@', "-"));
        if !folder.exists() {
            println!("fetching {PLAYWRIGHT}");
            let draft = tempfile::tempdir_in(folder.parent().unwrap()).unwrap();
            std::fs::write(draft.path().join("package.json"), "{}").unwrap();
            let npm = Command::new("npm")
                .args(["install", "--ignore-scripts", "--no-audit", "--no-fund", PLAYWRIGHT])
                .current_dir(draft.path())
                .output()
                .unwrap();
            assert!(npm.status.success(), "{}", String::from_utf8_lossy(&npm.stderr));
            std::fs::rename(draft.keep(), &folder).unwrap();
        }
        folder
    });
    &FOLDER
}

/// Opens a plan's page, does what the script of that name in page.js does, and returns what it saw. Whatever the
/// script, no page may ask the network, run a script of others, open a dialog or complain.
fn visit(plan: &Plan, script: &str, options: &Value) -> Option<Value> {
    let browser = browser()?;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("plan.html");
    std::fs::write(&file, page(plan)).unwrap();
    let order = json!({"browser": browser, "profile": folder.path().join("profile"), "file": file, "script": script,
        "options": options});
    let node = Command::new("node")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/page.js"))
        .arg(order.to_string())
        .env("NODE_PATH", playwright().join("node_modules"))
        .output()
        .unwrap();
    assert!(node.status.success(), "{}", String::from_utf8_lossy(&node.stderr));
    let seen: Value = serde_json::from_slice(&node.stdout).unwrap();
    assert_eq!(seen["requests"], json!([]), "asked for something");
    assert_eq!(seen["trouble"], json!([]), "dialogs, errors and what the console says");
    Some(seen["result"].clone())
}

#[test]
fn counts_search_and_filters_agree() {
    let plan = planned::everyday();
    let summary = plan.summary();
    let Some(seen) = visit(&plan, "search", &json!({})) else { return };
    let counts = [
        ("delete", summary.delete),
        ("replace", summary.replace),
        ("create", summary.create),
        ("update", summary.update),
    ];
    for (action, count) in counts {
        assert!(count > 0, "{action}");
        assert_eq!(seen["chips"][action], count, "{action}");
        assert_eq!(seen["filtered"][action], count, "pressing {action}");
    }
    let all: usize = counts.iter().map(|(_, count)| count).sum();
    assert_eq!(seen["all"], format!("{all} of {all}"));
    assert_eq!(seen["role"], json!(["firehose.clicks/role", "snowpipe.events/user"].map(String::from)[1..]));
    assert_eq!(seen["field"], json!(["stream.clicks"]));
    assert_eq!(seen["nothing"], "No change matches. Esc shows them all.");
    assert_eq!(seen["cleared"], format!("{all} of {all}"));
}

#[test]
fn a_change_opens_to_its_fields_and_a_block_leads_to_it() {
    let Some(seen) = visit(&planned::everyday(), "open", &json!({})) else { return };
    assert_eq!(seen["before"], false);
    assert_eq!(seen["after"], true);
    let text = seen["text"].as_str().unwrap();
    assert!(text.contains("retention_hours") && text.contains("48") && text.contains("168"), "{text}");
    assert_eq!(seen["replacement"], true, "losses are open from the beginning");
    assert_eq!(seen["focused"], "alarm.stalled");
}

#[test]
fn a_keyboard_is_enough() {
    let Some(seen) = visit(&planned::everyday(), "keyboard", &json!({})) else { return };
    assert_eq!(seen["first"], "Skip to the changes");
    assert_eq!(seen["skipped"], "changes");
    assert_eq!(seen["slash"], "find");
    assert_eq!(seen["typed"], "retention/", "a slash in the search is a letter");
    assert_eq!(seen["escaped"], "");
    assert_eq!(seen["opened"], true);
    assert_eq!(seen["invisible"], json!([]), "what has the focus without showing it");
}

#[test]
fn a_phone_shows_it_without_sideways_scrolling() {
    for width in [360, 768] {
        let Some(seen) = visit(&planned::everyday(), "narrow", &json!({"width": width})) else { return };
        assert_eq!(seen["overflow"], 0, "{width}");
        assert_eq!(seen["outside"], json!([]), "{width}");
    }
}

#[test]
fn both_colour_schemes_can_be_read() {
    let looks = ["light", "dark"].map(|scheme| visit(&planned::everyday(), "contrast", &json!({"scheme": scheme})));
    let [Some(light), Some(dark)] = looks else { return };
    assert_ne!(light["background"], dark["background"]);
    for seen in [light, dark] {
        assert!(seen["texts"].as_u64().unwrap() > 200, "{}", seen["texts"]);
        assert_eq!(seen["faint"], json!([]), "texts with a contrast below 4.5");
    }
}

#[test]
fn without_a_script_everything_can_still_be_read() {
    let Some(seen) = visit(&planned::everyday(), "scriptless", &json!({"javascript": false})) else { return };
    assert_eq!(seen["search"], false, "a search that does nothing is not shown");
    assert_eq!(seen["opened"], true);
    assert_eq!(seen["revealed"], true, "a block's link opens its change");
}

#[test]
fn hostile_text_is_text() {
    let script =
        "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>&lt;b&gt;</style></title>\u{1b}[31m\u{202e}&amp;";
    let mut plan = planned::everyday();
    for text in [&mut plan.project, &mut plan.env, &mut plan.caller, &mut plan.made_by, &mut plan.state.location] {
        script.clone_into(text);
    }
    for change in &mut plan.changes.0 {
        script.clone_into(&mut change.key);
        script.clone_into(&mut change.aws_type);
        change.address = format!("stream.{}/{}", script.replace(['/', '\u{1b}'], "|"), change.address).parse().unwrap();
        change.reason = Some(script.to_owned());
        change.warnings = vec![script.to_owned()];
        change.before =
            Some(json!({script: [script], "policy": {"Statement": [{"Effect": script, "Action": script}]}}).into());
        change.after = Some(
            json!({script: {script: script}, "policy": {"Statement": [{"Effect": script, "Resource": {script: script}}]}}).into(),
        );
        for field in &mut change.fields {
            script.clone_into(&mut field.path);
            (field.before, field.after) = (json!(script), json!({script: [script]}));
        }
    }
    plan.notes = vec![pipectl::model::graph::Note {
        address: "stream.clicks".parse().unwrap(),
        message: script.into(),
        help: script.into(),
    }];
    let Some(seen) = visit(&plan, "hostile", &json!({})) else { return };
    assert_eq!(seen["elements"], json!({"script": 1, "img": 0, "style": 1, "title": true}));
    assert_eq!(seen["policy"], "script-src-elem", "the page's policy stops what would run all the same");
    let text = seen["text"].as_str().unwrap();
    assert!(
        text.contains("<script>alert(1)</script>\"'><img src=x onerror=alert(2)>&lt;b&gt;</style></title>"),
        "{text}"
    );
    assert!(text.contains(r"\u{1b}[31m\u{202e}"), "{text}");
    assert!(!text.contains(['\u{1b}', '\u{202e}']));
}

/// `UPDATE=1 cargo test the_readme_shows` takes the picture anew.
#[test]
fn the_readme_shows_the_page() {
    let picture = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/images/plan.png");
    if std::env::var_os("UPDATE").is_some() {
        visit(&planned::everyday(), "picture", &json!({"to": picture}));
    }
    let size = picture.metadata().unwrap().len();
    assert!((20_000..300_000).contains(&size), "{size} bytes");
    assert!(include_str!("../../README.md").contains("(docs/images/plan.png)"));
}
