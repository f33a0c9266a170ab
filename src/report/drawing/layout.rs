//! Where boxes stand and lines run; worked out by dagre, from left to right along the flow.

use dagre::graph::{Graph, GraphOptions};
use dagre::{Align, EdgeLabel, LayoutOptions, NodeLabel, RankDir, Ranker};

use super::{Drawing, Edge};
use crate::model::graph::What;

/// Between boxes one above the other, in pixels.
const BELOW: f64 = 18.0;
/// Between columns: room for lines and their heads.
const BESIDE: f64 = 60.0;
/// Between the ends of lines of different kinds at one side of a box.
const APART: f64 = 7.0;

/// A drawing's geometry, in pixels.
pub(super) struct Layout {
    /// Of the whole.
    pub(super) width: f64,
    /// Of the whole.
    pub(super) height: f64,
    /// The middle of each node's box, in the drawing's order.
    pub(super) middles: Vec<Point>,
    /// The points of each edge's line, from its source's side to its target's, in the drawing's order.
    pub(super) lines: Vec<Vec<Point>>,
}

/// From the left, and from the top.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

/// Lays out boxes of one width, each with its height.
pub(super) fn layout(drawing: &Drawing, width: f64, heights: &[f64]) -> Layout {
    let mut graph: Graph<NodeLabel, EdgeLabel> =
        Graph::with_options(GraphOptions { directed: true, multigraph: true, compound: false });
    for (index, height) in heights.iter().enumerate() {
        graph.set_node(name(index), Some(NodeLabel { width, height: *height, ..NodeLabel::default() }));
    }
    for (index, edge) in drawing.edges.iter().enumerate() {
        let (left, right) = ends(drawing, edge);
        let label = EdgeLabel { weight: weight(edge.what), ..EdgeLabel::default() };
        graph.set_edge(name(left), name(right), Some(label), Some(&name(index)));
    }
    let options = LayoutOptions {
        rankdir: RankDir::LR,
        // Of the four ways to line boxes up, the one that keeps the way of the data straight.
        align: Some(Align::UL),
        nodesep: BELOW,
        edgesep: BELOW / 2.0,
        ranksep: BESIDE,
        ranker: Ranker::NetworkSimplex,
        ..LayoutOptions::default()
    };
    dagre::layout(&mut graph, Some(options));
    let middle = |index: usize| {
        let node = graph.node(&name(index));
        Point { x: node.and_then(|it| it.x).unwrap_or_default(), y: node.and_then(|it| it.y).unwrap_or_default() }
    };
    let middles: Vec<Point> = (0..heights.len()).map(middle).collect();
    let lines =
        drawing.edges.iter().enumerate().map(|(index, edge)| line(drawing, &graph, index, edge, &middles, width));
    let lines: Vec<Vec<Point>> = lines.collect();
    let tops = middles.iter().zip(heights).map(|(middle, height)| (middle.x + width / 2.0, middle.y + height / 2.0));
    let bends = lines.iter().flatten().map(|point| (point.x, point.y));
    let far = tops.chain(bends).fold((0.0_f64, 0.0_f64), |far, (x, y)| (far.0.max(x), far.1.max(y)));
    Layout { width: far.0, height: far.1, middles, lines }
}

/// dagre knows nodes by name and keeps them in order of it.
fn name(index: usize) -> String {
    format!("{index:06}")
}

/// What stands left and what right: what only looks at others stands behind them.
fn ends(drawing: &Drawing, edge: &Edge) -> (usize, usize) {
    let (from, to) = (drawing.index(&edge.from), drawing.index(&edge.to));
    match edge.what {
        What::Data | What::Notifies => (from, to),
        What::Watches | What::Shows | What::Needs => (to, from),
    }
}

/// How much an edge matters to be short and straight: the way of the data most of all.
fn weight(what: What) -> i32 {
    match what {
        What::Data => 8,
        What::Watches | What::Needs => 2,
        What::Notifies | What::Shows => 1,
    }
}

/// How far below the middle of a box's side an edge begins and ends, so that no two kinds run into each other.
fn port(what: What) -> f64 {
    match what {
        What::Data => 0.0,
        What::Watches | What::Needs => APART,
        What::Notifies => -APART,
        What::Shows => 2.0 * APART,
    }
}

/// From the one box's side to the other's, and level past the boxes of the columns between.
fn line(
    drawing: &Drawing,
    graph: &Graph<NodeLabel, EdgeLabel>,
    index: usize,
    edge: &Edge,
    middles: &[Point],
    width: f64,
) -> Vec<Point> {
    let (left, right) = ends(drawing, edge);
    let (a, b) = (middles[left], middles[right]);
    let side = if a.x <= b.x { width / 2.0 } else { -width / 2.0 };
    let label = graph.edge(&name(left), &name(right), Some(&name(index)));
    let bends = label.map(|label| label.points.as_slice()).unwrap_or_default();
    let mut between = bends.get(1..bends.len().saturating_sub(1)).unwrap_or_default().to_vec();
    // dagre bends lines in the gaps between columns too, where they have room to curve.
    between.retain(|bend| middles.iter().any(|middle| (middle.x - bend.x).abs() < width / 2.0));
    let port = port(edge.what);
    let mut line = vec![Point { x: a.x + side, y: a.y + port }];
    line.extend(between.iter().flat_map(|bend| [-side, side].map(|side| Point { x: bend.x + side, y: bend.y + port })));
    line.push(Point { x: b.x - side, y: b.y + port });
    if drawing.index(&edge.from) != left {
        line.reverse();
    }
    line
}
