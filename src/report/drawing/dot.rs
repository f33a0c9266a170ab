//! A drawing in Graphviz's language.

use std::fmt::Write;

use super::{Drawing, Edge, Node};
use crate::model::graph::What;
use crate::report::style::Clean;

/// The drawing as a graph for `dot`.
pub fn text(drawing: &Drawing) -> String {
    let mut out = format!("digraph {} {{\n", quoted(&drawing.title));
    out += "  rankdir=LR\n  node [shape=box, style=rounded, fontname=\"Helvetica\", fontsize=11]\n";
    for node in &drawing.nodes {
        let _ = writeln!(out, "  {} [label=\"{}\"{}]", quoted(&node.id), label(node), look(node));
    }
    for Edge { from, to, what } in &drawing.edges {
        let look = match what {
            What::Data => "penwidth=2",
            What::Watches => "style=dashed, tooltip=\"watches\"",
            What::Shows => "style=dotted, tooltip=\"shows\"",
            What::Notifies => "tooltip=\"notifies\"",
            What::Needs => "color=gray50, label=\"needs\", fontsize=9",
        };
        let _ = writeln!(out, "  {} -> {} [{look}]", quoted(from), quoted(to));
    }
    out + "}\n"
}

fn label(node: &Node) -> String {
    node.lines().iter().map(|line| escaped(line)).collect::<Vec<_>>().join("\\n")
}

fn look(node: &Node) -> &'static str {
    match node.class() {
        _ if node.outside => ", style=\"rounded,dashed\"",
        "delete" => ", color=red3, penwidth=2",
        "replace" => ", color=maroon3, penwidth=2",
        "conflict" => ", color=darkorange3, penwidth=2",
        "create" => ", color=green4, penwidth=2",
        "adopt" => ", color=deepskyblue3, penwidth=2",
        "update" => ", color=darkgoldenrod, penwidth=2",
        "drift" => ", color=purple3, penwidth=2",
        "rename" | "forget" => ", color=gray40, penwidth=2",
        _ => "",
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

/// Backslashes begin escapes, ampersands HTML's entities.
fn escaped(text: &str) -> String {
    Clean(text).to_string().replace('\\', r"\\").replace('"', "\\\"").replace('&', "&amp;")
}
