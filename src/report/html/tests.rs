use super::*;

#[test]
fn the_policy_names_the_style_and_the_script_and_allows_nothing_else() {
    let policy = policy("a{}");
    let digest = BASE64_STANDARD.encode(Sha256::digest("a{}"));
    assert!(
        policy.starts_with(&format!("default-src 'none'; style-src 'sha256-{digest}'; script-src 'sha256-")),
        "{policy}"
    );
    assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
}

#[test]
fn nothing_of_the_page_is_elsewhere() {
    for text in [STYLE, SCRIPT, svg::STYLE, svg::PALETTE] {
        assert!(!text.contains("url(") && !text.contains("@import") && !text.contains("http"));
        assert!(!text.contains("</"), "it would end its element");
    }
}

#[test]
fn an_anchor_leads_where_it_says_whatever_the_address() {
    let of = |text: &str| anchor(&text.parse().unwrap());
    assert_eq!(of("firehose.clicks/role"), "firehose.clicks/role");
    assert_eq!(of("topic.a b/email:x@y.z\"#"), "topic.a%20b/email%3Ax@y.z%22%23");
}

#[test]
fn what_is_left_alone_and_what_was_probably_renamed_is_told() {
    let page = page(&crate::report::plan::tests::left_and_renamed());
    for said in
        ["Left alone, as the spec asks", "Renamed, perhaps", "from = &quot;stream.orders&quot;", "[topic.alarms]"]
    {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.contains('\u{1b}'));
}
