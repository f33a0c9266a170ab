//! No text from elsewhere reaches a terminal or a page with characters that act, or as a line of pipectl's own.

use std::collections::BTreeSet;

use regex_lite::Regex;
use serde_json::Value;

use super::{STREAM, against, project};
use crate::fuzz::{PLAN, sealed};
use crate::support::cli::{Cli, Output};
use crate::support::liar::{Liar, Lie};

/// Colour, title, clear, C1, order of text, the hidden, the beginning of the line, and a line of somebody else's.
const HOSTILE: &str =
    "x\u{1b}]0;pwn\u{7}\u{1b}[2J\u{9b}31m\u{202e}\u{2066}\u{200b}\u{feff}\u{8}\r\u{1b}[8m\nerror: fake\n  done: fake";

fn acts(letter: char) -> bool {
    let hides =
        matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    hides || letter.is_control() && !matches!(letter, '\n' | '\t')
}

/// Nothing in an output acts but pipectl's own styles, and no line is somebody else's.
#[track_caller]
fn is_harmless(what: &str, output: &Output) {
    let own = Regex::new("\u{1b}\\[(0|1|2|3[1-6]|9[1-6])m|\u{1b}\\[[0-9;]*m").unwrap();
    for text in [&output.stdout, &output.stderr] {
        assert!(!text.contains("\u{1b}[8m"), "{what}: a style of somebody else's: {text:?}");
        let plain = own.replace_all(text, "");
        assert!(!plain.chars().any(acts), "{what}: {text:?}");
        assert!(!plain.lines().any(|line| line.trim_start().starts_with("error: fake")), "{what}: {plain}");
        assert!(!plain.lines().any(|line| line.starts_with("  done: fake")), "{what}: {plain}");
    }
}

/// A document with one of its texts replaced, for each in turn, and where that is.
fn replaced(document: &Value) -> Vec<(String, Value)> {
    fn walk(at: &Value, pointer: String, found: &mut Vec<String>) {
        match at {
            Value::String(_) => found.push(pointer),
            Value::Array(all) => {
                all.iter().enumerate().for_each(|(index, one)| walk(one, format!("{pointer}/{index}"), found));
            }
            Value::Object(all) => all.iter().for_each(|(key, one)| {
                walk(one, format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")), found);
            }),
            _ => {}
        }
    }
    let mut places = Vec::new();
    walk(document, String::new(), &mut places);
    // One for each name of a field: what has the same name is printed in the same way.
    let mut seen = BTreeSet::new();
    places.retain(|place| {
        let names = place.split('/').filter(|part| part.parse::<usize>().is_err());
        seen.insert(names.rev().take(2).map(str::to_owned).collect::<Vec<_>>())
    });
    let with = |place: &String| {
        let mut copy = document.clone();
        *copy.pointer_mut(place).unwrap() = HOSTILE.into();
        (place.clone(), copy)
    };
    places.iter().map(with).collect()
}

#[test]
fn no_text_of_a_plan_acts_in_any_form_of_it() {
    let forms: [&[&str]; 5] =
        [&["--color", "always"], &["--full", "--color", "always"], &["--json"], &["--markdown"], &["--html", "-"]];
    let mut shown = 0;
    for (place, plan) in replaced(&serde_json::from_str(PLAN).unwrap()) {
        let Some(plan) = sealed(&plan.to_string()) else { continue };
        let cli = Cli::new().file("plan.json", &plan);
        let first = cli.run(&[&["show"], forms[0]].concat());
        is_harmless(&place, &first);
        // What cannot be read as a plan is refused in one way.
        for form in forms[1..].iter().filter(|_| first.code == 0) {
            let output = cli.run(&[&["show"], *form].concat());
            is_harmless(&format!("{place} {form:?}"), &output);
            shown += 1;
        }
    }
    assert!(shown > 40, "{shown} were shown");
}

#[test]
fn no_text_of_an_error_of_awss_acts() {
    let message = HOSTILE.replace('\u{1b}', "&#27;").replace(['\u{7}', '\u{8}'], "");
    let xml = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied&#x9b;31m</Code><Message>{message}</Message></Error>\
         <RequestId>x</RequestId></ErrorResponse>"
    );
    let liar = Liar::always(Lie::answer(403, "text/xml", &xml));
    for more in [&["--color", "always"][..], &["--json"]] {
        let output = project(&liar).run(&[&["deploy-policy", "--env", "dev"], more].concat()).fails(1);
        is_harmless("an error", &output);
        assert!(output.stderr.contains("fake"), "it is told, escaped: {output}");
    }
}

#[test]
fn no_text_of_a_state_acts() {
    let state = |folder: &str| STREAM.replace("bucket = \"acme-state\"\nfolder = \"pipectl\"", folder);
    let liar = Liar::after_identity(Lie::answer(
        400,
        "application/x-amz-json-1.1",
        &format!("{{\"__type\":\"Bad\",\"message\":{}}}", Value::from(HOSTILE)),
    ));
    let original: Value = serde_json::from_str(include_str!("../../files/state/v1.json")).unwrap();
    for (place, document) in replaced(&original) {
        let cli = against(&liar.endpoint()).file("envs/dev.toml", &state("local = \"state\""));
        cli.write("state/dev/state.json", &document.to_string());
        for command in [&["state", "list"][..], &["state", "pull"], &["output"]] {
            let output = cli.run(&[command, &["--env", "dev", "--color", "always"]].concat());
            is_harmless(&format!("{place} {command:?}"), &output);
        }
    }
}

#[test]
fn no_argument_acts() {
    for arguments in [["validate", "--env", HOSTILE], ["show", HOSTILE, "--json"], [HOSTILE, "--env", "dev"]] {
        is_harmless("an argument", &Cli::new().run(&arguments).fails(1));
    }
}
