use super::*;

#[test]
fn the_reason_and_its_place_are_told() {
    let told = |expression: &str| fault(expression).map(|Fault { reason, at }| format!("{at}: {reason}"));
    assert_eq!(told(r#".customer_id // "none""#), None);
    for (expression, expected) in [
        (r#".a | strftime("%Y"#, "18: unexpected end: the string does not end"),
        (".a?//1", "3: unexpected `?//`: write a space between `?` and `//`"),
        (".a.[0]", "4: unexpected `[`: in jq 1.6 no `.` stands before a `[`"),
        ("if .a then 1 end", "14: unexpected `end`: in jq 1.6 an `if` has an `else`"),
        ("\"é\" | pick(.a)", "7: `pick/1` is not defined in jq 1.6"),
        ("ltrimstr", "1: `ltrimstr/0` is not defined in jq 1.6: there is `ltrimstr/1`"),
        (".a == .b == .c", "10: unexpected `==`"),
        ("{(1): 2}", "2: cannot use a number as the key of an object"),
        ("1 / 0", "3: division by zero"),
        ("$x", "2: `$x` is not defined"),
        ("", "1: unexpected end"),
        ("def f: .;", "10: unexpected end"),
        (".a) + (.b", "3: unexpected `)`"),
        (".é", "2: `é` means nothing"),
    ] {
        assert_eq!(told(expression).as_deref(), Some(expected), "{expression}");
    }
}

#[test]
fn nothing_is_nested_so_deeply_that_reading_it_fails() {
    for (open, close) in [("(", ")"), ("[", "]"), ("{a:", "}"), ("\"\\(", ")\""), ("-", "")] {
        let deep = format!("{}.{}", open.repeat(50_000), close.repeat(50_000));
        assert_eq!(fault(&deep).map(|fault| fault.reason).as_deref(), Some("this is nested too deeply"), "{open}");
    }
    assert_eq!(fault(&format!("{}.{}", "(".repeat(50), ")".repeat(50))), None);
}

#[test]
fn a_query_keeps_its_expressions_apart_and_comes_apart_again() {
    let keys = [
        ("customer", r#".id // "none""#),
        ("day", r##".at | split("#") | .[0]"##),
        ("if", ".a # why"),
        ("plain", ".a.b"),
        ("z", ".a, .b"),
    ];
    let keys: BTreeMap<String, String> = keys.map(|(key, text)| (key.to_owned(), text.to_owned())).into();
    let query = object(&keys);
    let expected = r##"{customer:(.id // "none"),day:.at | split("#") | .[0],if:(.a # why"##;
    assert_eq!(query, format!("{expected}\n),plain:.a.b,z:(.a, .b)}}"));
    // What comes apart has its parentheses, and makes the same query again.
    assert_eq!(parts(&query)["z"], "(.a, .b)");
    assert_eq!(object(&parts(&query)), query);
    assert_eq!(parts(r#"{ "a" : .x|tostring , b:{c:1}, }"#)["a"], ".x|tostring");
    assert_eq!(parts("not a query"), BTreeMap::new());
}

#[test]
fn what_looks_at_no_record_is_told_from_what_does() {
    for constant in ["\"x\"", "1 + 2", "[1, \"a\"]", "null", "{a: 1}"] {
        assert!(is_constant(constant), "{constant}");
    }
    for other in [".", ".a // \"x\"", "\"\\(.a)\"", "now", "[.a]", "{a}"] {
        assert!(!is_constant(other), "{other}");
    }
}

#[test]
fn a_carriage_return_is_read_nowhere_not_even_in_a_comment() {
    for (expression, at) in [(".a # who\r\n", 9), (".a\r", 3), ("\"\0\"", 2)] {
        let fault = fault(expression).unwrap();
        assert!(fault.reason.contains("INVALID_CHARACTER") && fault.at == at, "{fault:?}");
    }
}
