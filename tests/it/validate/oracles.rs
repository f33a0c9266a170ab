//! What jq 1.6 and Java say themselves of the expressions and patterns that a spec may hold.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use pipectl::spec::jq;
use pipectl::spec::prefix::pattern;

/// A program on the PATH. Without it the test says that it was skipped; where everything must be tested, it fails.
fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|place| place.is_file());
    if found.is_none() {
        println!("skipped: no `{name}` is on the PATH");
        assert!(std::env::var_os("PIPECTL_TEST_ALL").is_none(), "PIPECTL_TEST_ALL wants `{name}`");
    }
    found
}

fn run(program: &PathBuf, arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    // It may end before it has read everything.
    let writer = std::thread::spawn(move || _ = stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

const RECORD: &str = r#"{"a":{"b":1},"c":"x#y","d":[1,2,{"e":null}],"n":null,"at":1700000000}"#;

/// Expressions of every form that the grammar has, and those next to it.
const EXPRESSIONS: &[&str] = &[
    ".customer_id // \"none\"",
    ".a + \"-\" + .c",
    ".c == \"x\"",
    ".a and .c",
    ".c as $y | $y",
    "(.a // 1)",
    ".",
    ".a.b",
    ".a | strftime(\"%Y",
    ".a # the customer",
    ".a #",
    "# only\n.a",
    ".a # not the end\n| .b",
    ".d[]",
    ".d[0]",
    ".d[0]?",
    ".d[-1:]",
    ".d[:1]",
    ".d[1:2]",
    ".d[:]",
    ".[\"a\"].b",
    ".\"a\".\"b\"",
    ".\"a\"b",
    ".a.[0]",
    ".a?",
    ".a??",
    ".a?.b",
    ".a?//1",
    ".a? // 1",
    ".a ?// .b",
    ".c, .a",
    ".c, .n, empty",
    "empty",
    "error(\"x\")",
    "try error(\"x\") catch .",
    "try .a.b.c",
    ".a.b.c?",
    ".. ",
    "..?",
    "..[0]?",
    "..a",
    ".a..b",
    "...a",
    "(1)?.a",
    "-1",
    "-.a.b",
    "- - 1",
    "1 - 1",
    "1 -1",
    "1/0",
    "1 / (2 - 2)",
    "0 / 0",
    "1 % 0",
    "1 == 1 == 1",
    ".a < .b < .c",
    ".a = 1 = 2",
    ".a |= 1",
    ".a += 1 | .b",
    ".a //= 2",
    ".a // .b // .c",
    ".a or .b and .c",
    "if .a then 1 else 2 end",
    "if .a then 1 end",
    "if .a then 1 elif .c then 2 else 3 end",
    "if .a then 1 else 2 end | . + 1",
    "if .a then 1 else 2 end.b",
    "reduce .d[0:2][] as $x (0; . + $x)",
    "reduce .d as $x ($x; .)",
    "reduce -1 as $x (0; 1)",
    "foreach .d[0:2][] as $x (0; . + $x)",
    "foreach .d[0:2][] as $x (0; . + $x; [.])",
    "reduce .d as [$x, {e: $y}] (0; $y)",
    "def f: .a; f",
    "def f(g): g; f(.c)",
    "def f($x; g): $x + g; f(1; 2)",
    "def f(x): f(x); 1",
    "def f: 1; def g: f; g",
    "def f: .;",
    "",
    "module {}; .",
    "def f: .;#.a",
    "def f($if): 1; 1",
    ".d as [$x] | $x",
    ". as {a: {b: $x}} | $x",
    ". as {$c} | $c",
    ". as {$a: {$b}} | $b",
    ". as {(\"a\"): $x} | $x",
    ". as {(1): $x} | 1",
    ". as [$a] ?// {c: $a} | $a",
    ". as [] | 1",
    ". as x | 1",
    "$x",
    "$__loc__.line",
    "label $out | 1, break $out, 2",
    "break $out",
    "{a: 1}",
    "{a: 1,}",
    "{a, c}",
    "{\"x y\": 1, \"c\"}",
    "{(.c): .a}",
    "{(1): 2}",
    "{([]): 2}",
    "{a: 1 | 2}",
    "{a: -1}",
    "{a: 1 + 2}",
    "{a: .b // 1}",
    "{if: 1, and: 2, break: 3}",
    "{if}",
    "{1: 2}",
    "{.a: 1}",
    "{a: 1; b: 2}",
    "{$__loc__}",
    "{@text \"x\": 1}",
    "[.d[] | tostring]",
    "[]",
    "[1,]",
    "()",
    "(",
    ".a)",
    ".a) + (.b",
    "]",
    "{",
    "\"a\\(.a.b)c\"",
    "\"a\\(.c | \"b\\(.)\")\"",
    "\"\\(1; 2)\"",
    "\"\\()\"",
    "\"\\(.a\"",
    "\"a",
    "\"\\x\"",
    "\"\\u00e9\"",
    "\"\\u12\"",
    "\"\\ud83d\\ude00\"",
    "\"\\ud83d\"",
    "\"#\"",
    ".c | split(\"#\") | .[0]",
    "\"}\"",
    "\"\\\"\"",
    "@base64",
    "@base64 \"x\\(.c)\"",
    "@nonsense",
    "@text \"a\" \"b\"",
    ".@base64 \"c\"",
    "1.",
    ".5",
    "1..2",
    "1.5.2",
    "1e5",
    "1E-5",
    "1e",
    "01",
    "1e1000 / 1",
    "1_000",
    "null",
    "true",
    "not",
    ".a | not",
    "nul",
    "true(1)",
    "f()",
    "null + 1",
    "{(null + 1): 1}",
    "{(\"a\" + \"b\"): 1}",
    "{(1 == 1): 1}",
    "pick(.a)",
    "abs",
    "toarray",
    "have_decnum",
    "getpath([\"a\", \"b\"])",
    "ltrimstr(\"x\")",
    "ltrimstr",
    "splits(\"#\")",
    "test(\"x\")",
    ".c | ascii_downcase",
    ".at | strftime(\"%Y-%m-%d\")",
    ".at | todate",
    "limit(1; .d[])",
    "first(.d[])",
    "error(1; 2)",
    "IN(1, 2)",
    "tojson",
    ".c | fromjson?",
    "to_entries | length",
    "with_entries(.)",
    "ascii",
    "@json",
    "input_line_number",
    "a::b",
    "$ c",
    ".é",
    "\"é\"",
    "'a'",
    "!.a",
    ".a && .b",
    ".a || .b",
    ".a === .b",
    ".a;",
    ".a; .b",
    ". :",
    "and",
    "then",
    "import",
    ".if",
    ".and",
    ".a,",
    ", .a",
    "|",
    ".a |",
    "?",
    "*",
    "// 1",
    ".\ta",
    ". \"c\"",
    ". .a",
    ".a . .b",
    ".a ,\n.c",
    "\t.c\r\n",
    "%",
    "@",
    ".a@",
];

/// What jq compiles and pipectl refuses, on purpose: it is nothing that Firehose has, or is a function that nothing
/// calls, of which jq does not look at what it calls.
const NARROWER: &[&str] = &["$ARGS", "_plus(1; 2)", "def g: f; 1"];

/// Whether jq refused to compile it, and what it printed if it did not.
fn compiled(jq: &PathBuf, expression: &str) -> Option<String> {
    let output = run(jq, &["-c", expression], RECORD);
    let refused = output.status.code() == Some(3);
    (!refused).then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The same of an expression that must stand by itself as well as among others in a query: definitions alone do not,
/// and a whole program may say more than an expression.
fn compiled_anywhere(jq: &PathBuf, expression: &str) -> Option<String> {
    compiled(jq, &format!("({expression}\n)")).and_then(|_| compiled(jq, expression))
}

/// Compares what jq and pipectl say of an expression; and for one that compiles, what it yields by itself and in a query.
fn compare(jq: &PathBuf, expression: &str) -> bool {
    let (own, theirs) = (jq::fault(expression), compiled_anywhere(jq, expression));
    let Some(yielded) = theirs.filter(|_| !NARROWER.contains(&expression)) else {
        assert!(own.is_some(), "jq does not compile this, and pipectl takes it: {expression}");
        return false;
    };
    assert_eq!(own, None, "jq compiles this: {expression}");
    let keys = [("and", ".c"), ("k", expression), ("then", ".a.b")];
    let query = jq::object(&keys.map(|(key, expression)| (key.to_owned(), expression.to_owned())).into());
    assert_eq!(jq::parts(&query).len(), 3, "{query}");
    assert_eq!(compiled(jq, &format!("{query} | .k")).as_ref(), Some(&yielded), "{expression} in {query}");
    true
}

#[test]
fn what_validate_takes_compiles_in_jq_and_yields_in_the_query_what_it_yields_by_itself() {
    let Some(jq) = program("jq") else { return };
    let version = String::from_utf8(run(&jq, &["--version"], "").stdout).unwrap();
    assert_eq!(version.trim(), "jq-1.6", "Firehose runs jq 1.6: this one says nothing of it");
    let builtins = run(&jq, &["-nr", "builtins[]"], "");
    for builtin in String::from_utf8(builtins.stdout).unwrap().lines() {
        let (name, arguments) = builtin.rsplit_once('/').unwrap();
        let arguments = vec!["."; arguments.parse().unwrap()].join("; ");
        let call = if arguments.is_empty() { name.to_owned() } else { format!("{name}({arguments})") };
        assert_eq!(jq::fault(&call), None, "{call}");
    }
    let taken = EXPRESSIONS.iter().filter(|expression| compare(&jq, expression)).count();
    assert!(taken > 80 && taken < EXPRESSIONS.len() - 80, "{taken} of {}", EXPRESSIONS.len());
    assert!(NARROWER.iter().all(|expression| jq::fault(expression).is_some()));
}

#[test]
fn expressions_put_together_at_random_are_taken_and_refused_as_jq_does() {
    let Some(jq) = program("jq") else { return };
    let seed =
        std::env::var("PIPECTL_FUZZ_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| fastrand::u64(..));
    println!("PIPECTL_FUZZ_SEED={seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let glue = [
        " | ",
        " , ",
        " // ",
        " + ",
        "-",
        "?",
        " as $x | ",
        ".",
        " and ",
        "[",
        "]",
        "(",
        ")",
        " == ",
        " ",
        ":",
        " = ",
        "#",
        "\n",
    ];
    let piece = |random: &mut fastrand::Rng| EXPRESSIONS[random.usize(..EXPRESSIONS.len())];
    for _ in 0..100 {
        let mut expression = piece(&mut random).to_owned();
        for _ in 0..random.usize(1..3) {
            expression += glue[random.usize(..glue.len())];
            expression += piece(&mut random);
        }
        compare(&jq, &expression);
    }
}

/// Says of each line whether Java takes it as a pattern.
const JAVA: &str = "
import java.io.*;
import java.time.format.DateTimeFormatter;
class Patterns {
    public static void main(String[] args) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, \"UTF-8\"));
        for (String line; (line = lines.readLine()) != null;) {
            boolean good = true;
            try { DateTimeFormatter.ofPattern(line); } catch (RuntimeException e) { good = false; }
            System.out.println(good ? \"good\" : \"bad\");
        }
    }
}
";

#[test]
fn time_patterns_are_taken_and_refused_as_java_does() {
    let Some(java) = program("java") else { return };
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("Patterns.java");
    std::fs::write(&source, JAVA).unwrap();
    let mut patterns: Vec<String> = Vec::new();
    for letter in ('a'..='z').chain('A'..='Z') {
        patterns.extend((1..=21).map(|count| letter.to_string().repeat(count)));
    }
    let pieces = [
        "yyyy", "/", "MM", "dd", "'", "''", "'T'", "HH", "[", "]", "{", "}", "#", "p", "pp", "D", "é", " ", "x", "j",
        "VV", "1",
    ];
    let mut random = fastrand::Rng::with_seed(7);
    for _ in 0..2000 {
        patterns.push((0..random.usize(1..8)).map(|_| pieces[random.usize(..pieces.len())]).collect());
    }
    patterns.retain(|pattern| !pattern.is_empty());
    let output = run(&java, &[source.to_str().unwrap()], &patterns.join("\n"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said.lines().count(), patterns.len());
    for (pattern, said) in patterns.iter().zip(said.lines()) {
        let fault = pattern::fault(pattern);
        assert_eq!(fault.is_none(), said == "good", "{pattern}: {fault:?}");
    }
}
