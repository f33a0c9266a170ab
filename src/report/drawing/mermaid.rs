//! A drawing in Mermaid's syntax, which GitLab draws where it stands in Markdown.

use std::fmt::Write;

use super::{Drawing, Edge, Node};
use crate::model::graph::What;
use crate::report::style::Clean;

/// How the classes look, on a light page and on a dark one.
const CLASSES: [(&str, &str); 10] = [
    ("delete", "stroke:#d73a49,stroke-width:3px"),
    ("replace", "stroke:#c2388f,stroke-width:3px"),
    ("conflict", "stroke:#d4570c,stroke-width:3px"),
    ("create", "stroke:#2da44e,stroke-width:3px"),
    ("adopt", "stroke:#218bbd,stroke-width:2px"),
    ("update", "stroke:#bf8700,stroke-width:3px"),
    ("rename", "stroke:#768390,stroke-width:2px"),
    ("forget", "stroke:#768390,stroke-width:2px,stroke-dasharray:2 2"),
    ("drift", "stroke:#8957e5,stroke-width:2px"),
    ("outside", "stroke-dasharray:3 3"),
];

/// Names are long, and have no blanks to be broken at.
const INIT: &str = r#"%%{init: {"flowchart": {"wrappingWidth": 500}}}%%"#;

/// The drawing as a flowchart.
pub fn text(drawing: &Drawing) -> String {
    let mut out = format!("{INIT}\nflowchart LR\n");
    for (index, node) in drawing.nodes.iter().enumerate() {
        let label = label(node);
        let _ = if node.outside {
            writeln!(out, "  n{index}([\"{label}\"])")
        } else {
            writeln!(out, "  n{index}[\"{label}\"]")
        };
    }
    for Edge { from, to, what } in &drawing.edges {
        let arrow = match what {
            What::Data => "==>",
            What::Watches | What::Shows => "-.->",
            What::Notifies => "-->",
            What::Needs => "-->|needs|",
        };
        let _ = writeln!(out, "  n{} {arrow} n{}", drawing.index(from), drawing.index(to));
    }
    for (class, look) in CLASSES {
        let of = |node: &Node| if node.outside { "outside" } else { node.class() };
        let nodes = drawing.nodes.iter().enumerate().filter(|(_, node)| of(node) == class);
        let nodes: Vec<String> = nodes.map(|(index, _)| format!("n{index}")).collect();
        if !nodes.is_empty() {
            let _ = writeln!(out, "  classDef {class} {look}\n  class {} {class}", nodes.join(","));
        }
    }
    out
}

fn label(node: &Node) -> String {
    node.lines().iter().map(|line| escaped(line)).collect::<Vec<_>>().join("<br/>")
}

/// Letters, digits and blanks as they are, and hyphens between letters; all else as Mermaid's entities. Labels are
/// Markdown and HTML to it, in which nearly every sign may mean something.
fn escaped(text: &str) -> String {
    let letters: Vec<char> = Clean(text).to_string().chars().collect();
    let plain = |at: Option<&char>| at.is_some_and(|letter| letter.is_alphanumeric());
    let mut out = String::new();
    for (index, letter) in letters.iter().enumerate() {
        let joins = *letter == '-' && index > 0 && plain(letters.get(index - 1)) && plain(letters.get(index + 1));
        if letter.is_alphanumeric() || *letter == ' ' || joins {
            out.push(*letter);
        } else {
            let name = if *letter == '"' { "quot".to_owned() } else { u32::from(*letter).to_string() };
            let _ = write!(out, "#{name};");
        }
    }
    out
}
