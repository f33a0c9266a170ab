//! What holds of every plan's Markdown, whoever wrote what is in it.

use proptest::collection::vec;
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag};
use serde_json::json;

use super::tests::replacing;
use super::*;
use crate::engine::access::Broadening;
use crate::engine::plan::Refusal;
use crate::model::graph::Note;
use crate::report::plan::tests::{change as bare, field, plan};

/// Text as somebody writes it who wants to break out, or to reach somebody.
fn hostile() -> impl Strategy<Value = String> {
    let nasty = [
        "@ann",
        "</details>",
        "<img src=x>",
        "`",
        "```",
        "~~~\n",
        "\n/close",
        "\r\n# ",
        "[a](b)",
        "**",
        "|",
        "&lt;",
        "\u{202e}",
        "\u{1b}[31m",
        "<!--",
        "$`a`$",
        "#1",
        "\\",
        "x",
        " ",
        "- ",
        "é",
    ];
    vec(prop::sample::select(nasty.to_vec()), 0..12).prop_map(|pieces| pieces.concat())
}

fn any_change() -> impl Strategy<Value = Change> {
    let actions = SECTIONS.map(|(action, ..)| action);
    let texts = [hostile(), hostile(), hostile(), hostile()];
    (prop::sample::select(actions.to_vec()), texts, prop::option::of(hostile()), 1..400_usize).prop_map(
        |(action, [name, key, value, word], text, length)| {
            let block: String = name.chars().filter(|letter| !letter.is_control() && *letter != '/').collect();
            let long = json!(value.repeat(length));
            let statement = json!({"Effect": word, "Action": [value], "Principal": {&key: &word}, "Condition": {&word: {&key: long}}});
            Change {
                reason: text.clone(),
                previous_key: text.clone(),
                warnings: text.into_iter().collect(),
                fields: vec![replacing(field(&key, json!(value), json!([word])))],
                drift: vec![field(&word, long.clone(), json!({&key: value}))],
                after: Some(json!({&key: {"Statement": [statement]}, &word: long}).into()),
                ..bare(action, &format!("stream.x{block}"), &word, &key)
            }
        },
    )
}

fn any_plan() -> impl Strategy<Value = Plan> {
    (vec(any_change(), 0..20), 1..6_usize, hostile(), 1..3000_usize).prop_map(|(changes, times, text, length)| {
        let changes = std::iter::repeat_n(changes, times).flatten().collect();
        let address = || "stream.clicks".parse().unwrap();
        Plan {
            env: text.repeat(length),
            notes: vec![Note { address: address(), message: text.clone(), help: text.clone() }],
            refusals: vec![Refusal { address: address(), message: text.repeat(length) }],
            broadens: vec![Broadening { address: address(), policy: text.clone(), what: text, statement: None }],
            ..plan(changes)
        }
    })
}

/// Reads Markdown as a forge does, and says what should not be there.
fn intrusion(text: &str) -> Option<String> {
    let ours = ["<details>", "<details open>", "</details>", "<summary>", "</summary>", "<code>", "</code>"];
    let mut bare = text.to_owned();
    for tag in ours {
        bare = bare.replace(tag, "");
    }
    if bare.contains('<') {
        return Some(format!("a raw `<`: {bare}"));
    }
    let mut code = false;
    let mut outside = String::new();
    for event in Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::InlineHtml(tag) => code = &*tag == "<code>",
            Event::Text(piece) if !code => outside += &piece,
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::CodeBlock(_) | Tag::Table(_) | Tag::Emphasis)
            | Event::Rule
            | Event::HardBreak => return Some(format!("{event:?}")),
            _ => outside.push(' '),
        }
    }
    let reference = regex_lite::Regex::new(r"[@#!~%$&^\[][0-9A-Za-z]").unwrap();
    reference.find(&outside).map(|found| format!("a reference: {}", found.as_str()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_plan_breaks_out_of_its_comment(plan in any_plan(), full: bool) {
        let text = markdown(&plan, full);
        prop_assert!(text.len() <= LIMIT, "{} bytes", text.len());
        prop_assert_eq!(intrusion(&text), None);
        prop_assert_eq!(text.matches("<details").count(), text.matches("</details>").count());
        for line in text.lines() {
            let begins = ["#### ", "### ", "- ", "  ", "**", "Made "].iter().any(|sign| line.starts_with(sign));
            prop_assert!(line.is_empty() || begins, "{line}");
            let fence = line.trim_start();
            prop_assert!(!fence.starts_with("```") && !fence.starts_with("~~~"), "{line}");
        }
    }
}

#[test]
fn of_a_large_plan_losses_stay_and_what_is_left_out_is_counted() {
    let many = |action, count: usize| {
        (0..count).map(move |index| Change {
            fields: Vec::from_iter(
                (action != Action::Create).then(|| field("name", json!("a".repeat(90)), json!("b"))),
            ),
            ..bare(action, &format!("stream.s{index}"), "AWS::Kinesis::Stream", &format!("acme-dev-s{index}"))
        })
    };
    let changes = many(Action::Create, 1000).chain(many(Action::Update, 100)).chain(many(Action::Replace, 100));
    let text = markdown(&plan(changes.collect()), false);
    assert!(text.len() <= LIMIT && text.len() > LIMIT * 9 / 10, "{} bytes", text.len());
    let section = |name: &str| text.split("\n#### ").find(|section| section.starts_with(name)).unwrap();
    assert_eq!(section("Replace").matches("<details open>").count(), 100);
    assert!(!section("Replace").contains("left out"));
    let created = section("Create").matches("\n- ").count();
    assert!(section("Create").contains(&format!("**{} more are left out here", 1000 - created)), "{created}");
    let losses = markdown(&plan(many(Action::Delete, 5000).collect()), false);
    let shown = losses.matches("\n- ").count();
    assert!(shown > 500 && losses.contains("**5000 to delete**"));
    assert!(losses.contains(&format!("**{} more are left out here", 5000 - shown)));
}
