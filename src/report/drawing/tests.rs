use std::collections::BTreeSet;

use proptest::prelude::*;
use regex_lite::Regex;

use super::*;

/// Names as nobody should choose them, and some that mean something in one of the languages.
fn name() -> impl Strategy<Value = String> {
    let meant = [
        "end",
        "style a:b #quot;",
        "-->",
        "\"]",
        "<br/>",
        "&amp;",
        "\\N",
        "]]>",
        "`x`",
        "1. x",
        "%%",
        "\u{202e}",
        "\u{fffe}",
    ];
    prop_oneof![any::<String>(), prop::sample::select(meant.to_vec()).prop_map(str::to_owned), "[a-z]{1,60}"]
}

fn node(id: usize, names: [String; 4], action: Option<Action>) -> Node {
    let [kind, name, key, aws_type] = names;
    let part =
        Part { address: Address::block("stream", "clicks"), aws_type, key, action, drifted: id.is_multiple_of(2) };
    Node {
        id: format!("{id:03} {name}"),
        kind,
        name,
        aws_name: Some(part.key.clone()),
        outside: id.is_multiple_of(5),
        resources: vec![part],
    }
}

fn drawing() -> impl Strategy<Value = Drawing> {
    let actions = [None, Some(Action::Create), Some(Action::Delete), Some(Action::Conflict), Some(Action::None)];
    let names = [name(), name(), name(), name()];
    let nodes = prop::collection::vec((names, prop::sample::select(actions.to_vec())), 1..12);
    let whats = [What::Data, What::Watches, What::Notifies, What::Shows, What::Needs];
    let edges = prop::collection::vec((any::<usize>(), any::<usize>(), prop::sample::select(whats.to_vec())), 0..24);
    (name(), nodes, edges).prop_map(|(title, nodes, edges)| {
        let nodes: Vec<Node> =
            nodes.into_iter().enumerate().map(|(id, (names, action))| node(id, names, action)).collect();
        let id = |index: usize| nodes[index % nodes.len()].id.clone();
        let edges = edges.into_iter().map(|(from, to, what)| Edge { from: id(from), to: id(to), what });
        let edges: BTreeSet<Edge> = edges.filter(|edge| edge.from != edge.to).collect();
        Drawing { title, edges: edges.into_iter().collect(), nodes }
    })
}

/// As many pipelines, each with what watches it.
fn pipelines(count: usize) -> Drawing {
    let block = |kind: &str, name: String| Node::block(&Address::block(kind, &name));
    let (mut nodes, mut edges) = (vec![block("topic", "alerts".into())], Vec::new());
    for index in 0..count {
        let way = ["stream", "firehose", "bucket", "snowpipe"].map(|kind| block(kind, format!("p{index:02}")));
        let edge = |from: &Node, to: &Node, what| Edge { from: from.id.clone(), to: to.id.clone(), what };
        edges.extend(way.windows(2).map(|pair| edge(&pair[0], &pair[1], What::Data)));
        for watched in &way[..3] {
            let alarm = block("alarm", format!("p{index:02}-{}", watched.kind));
            edges.push(edge(&alarm, watched, What::Watches));
            edges.push(edge(&alarm, &nodes[0], What::Notifies));
            nodes.push(alarm);
        }
        nodes.extend(way);
    }
    nodes.sort_by(|one, other| one.id.cmp(&other.id));
    Drawing { title: "many".into(), nodes, edges }
}

/// The boxes of an SVG: left, top, width, height.
fn boxes(svg: &str) -> Vec<[f64; 4]> {
    let file = roxmltree::Document::parse(svg).unwrap();
    let groups = file.descendants().filter(|it| it.attribute("class").is_some_and(|class| class.starts_with("node")));
    let found = groups.map(|group| {
        let place = group.attribute("transform").unwrap().trim_start_matches("translate(").trim_end_matches(')');
        let (x, y) = place.split_once(' ').unwrap();
        let rect = group.descendants().find(|it| it.has_tag_name("rect")).unwrap();
        let number = |text: &str| text.parse::<f64>().unwrap();
        [number(x), number(y), number(rect.attribute("width").unwrap()), number(rect.attribute("height").unwrap())]
    });
    found.collect()
}

fn apart(boxes: &[[f64; 4]]) -> bool {
    let overlap = |a: &[f64; 4], b: &[f64; 4]| {
        a[0] < b[0] + b[2] && b[0] < a[0] + a[2] && a[1] < b[1] + b[3] && b[1] < a[1] + a[3]
    };
    boxes.iter().enumerate().all(|(index, one)| boxes[index + 1..].iter().all(|other| !overlap(one, other)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_name_gives_an_svg_that_parses_and_no_two_boxes_touch(drawing in drawing()) {
        let text = svg::file(&drawing);
        let boxes = boxes(&text);
        prop_assert_eq!(boxes.len(), drawing.nodes.len());
        prop_assert!(apart(&boxes), "{:?}", boxes);
        prop_assert_eq!(text, svg::file(&drawing));
    }

    #[test]
    fn any_name_gives_lines_that_mermaid_reads(drawing in drawing()) {
        let line = Regex::new(concat!(r"^(%%\{init: .*\}%%|flowchart LR|  n\d+(\[|\(\[)", r#""[^"`\\<>{}|;:#&*_~@%$\[\]()]*"(\]|\]\))|"#,
            r"  n\d+ (==>|-\.->|-->|-->\|needs\|) n\d+|  classDef \w+ [\w:#, -]+|  class [n\d,]+ \w+)$")).unwrap();
        let entity = Regex::new(r"#(quot|\d+);").unwrap();
        for text in mermaid::text(&drawing).lines() {
            let plain = if text.starts_with("  n") { entity.replace_all(text, "").replace("<br/>", "") } else { text.to_owned() };
            prop_assert!(line.is_match(&plain), "{text}");
        }
    }

    #[test]
    fn any_name_gives_dot_whose_quotes_close(drawing in drawing()) {
        let quoted = Regex::new(r#""([^"\\]|\\["\\n])*""#).unwrap();
        for text in dot::text(&drawing).lines() {
            let rest = quoted.replace_all(text, "");
            prop_assert!(!rest.contains(['"', '\\']), "{text}");
            prop_assert!(!text.contains(|letter: char| letter.is_control()), "{text}");
        }
    }
}

#[test]
fn fifty_pipelines_are_laid_out_without_a_box_on_another() {
    let drawing = pipelines(50);
    let boxes = boxes(&svg::file(&drawing));
    assert_eq!(boxes.len(), 351);
    assert!(apart(&boxes));
}

#[test]
fn what_does_not_fit_a_box_is_cut_there_and_told_in_full() {
    let long = "x".repeat(200);
    let wide = "\u{6d41}".repeat(200);
    let nodes = vec![node(1, ["stream".into(), long.clone(), wide.clone(), String::new()], None)];
    let text = svg::file(&Drawing { title: String::new(), nodes, edges: Vec::new() });
    let file = roxmltree::Document::parse(&text).unwrap();
    let of = |class: &str| file.descendants().find(|it| it.attribute("class") == Some(class)).unwrap().text().unwrap();
    assert!(of("name").ends_with('…') && of("name").chars().count() < 30, "{}", of("name"));
    assert!(of("aws").ends_with('…') && of("aws").chars().count() < 22, "wide letters take two columns: {}", of("aws"));
    assert!(text.contains(&long) && text.contains(&wide));
}
