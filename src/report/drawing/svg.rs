//! A drawing as SVG: a file of its own, or part of a page, for light and dark.

use std::fmt::Write;

use maud::{Markup, PreEscaped, html};
use unicode_width::UnicodeWidthChar;

use super::layout::{Layout, Point, layout};
use super::{Drawing, Edge, Node};
use crate::model::graph::What;
use crate::report::style::Clean;

/// The looks of a drawing, for whoever embeds one.
pub const STYLE: &str = include_str!("drawing.css");
/// The colours that they name, light and dark.
pub const PALETTE: &str = include_str!("../palette.css");

/// Widest and narrowest box, in pixels.
const WIDTHS: (f64, f64) = (140.0, 250.0);
/// Between a box's side and its text.
const PADDING: f64 = 12.0;
/// Between the drawing and its rim.
const MARGIN: f64 = 12.0;
/// Of a letter of a name (14 px) and of a name in AWS (10 px): monospaced fonts are 0.6 em wide, the widest of them 0.61.
const NAME: f64 = 8.6;
const SMALL: f64 = 6.15;
/// Height of the legend.
const LEGEND: f64 = 30.0;
/// Room for one entry of the legend.
const ENTRY: f64 = 104.0;

/// The drawing as a file of its own.
pub fn file(drawing: &Drawing) -> String {
    let style = html! { style { (PreEscaped(PALETTE)) (PreEscaped(STYLE)) } };
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}\n", svg(drawing, &style, None).into_string())
}

/// The drawing as part of a page that has [`STYLE`] and [`PALETTE`]; boxes lead to where `link` says.
pub fn part(drawing: &Drawing, link: &dyn Fn(&Node) -> Option<String>) -> Markup {
    svg(drawing, &html! {}, Some(link))
}

type Link<'a> = &'a dyn Fn(&Node) -> Option<String>;

fn svg(drawing: &Drawing, style: &Markup, link: Option<Link<'_>>) -> Markup {
    let boxes: Vec<Box> = drawing.nodes.iter().map(Box::new).collect();
    let width = boxes.iter().map(Box::width).fold(WIDTHS.0, f64::max).min(WIDTHS.1).ceil();
    let heights: Vec<f64> = boxes.iter().map(Box::height).collect();
    let Layout { width: across, height: down, middles, lines } = layout(drawing, width, &heights);
    let entries = entries(drawing);
    let legend = if entries.is_empty() { 0.0 } else { LEGEND };
    let across = across.max(entries.last().map_or(0.0, |(_, x)| x + ENTRY)) + 2.0 * MARGIN;
    let down = down + 2.0 * MARGIN + legend;
    html! {
        svg class="drawing" xmlns="http://www.w3.org/2000/svg" width=(px(across)) height=(px(down))
            viewBox=(format!("0 0 {} {}", px(across), px(down)))
            role=(if link.is_some() { "group" } else { "img" }) aria-labelledby="drawing-title drawing-text" {
            title id="drawing-title" { "Pipeline " (Clean(&drawing.title)) }
            desc id="drawing-text" { (described(drawing)) }
            (style)
            g transform=(format!("translate({MARGIN} {MARGIN})")) {
                @for (edge, points) in drawing.edges.iter().zip(&lines) { (line(edge, points)) }
                @for ((node, shape), middle) in drawing.nodes.iter().zip(&boxes).zip(&middles) {
                    (shape.draw(node, *middle, width, link))
                }
            }
            g class="legend" transform=(format!("translate({MARGIN} {})", px(down - MARGIN - 4.0))) {
                @for (what, x) in entries { (entry(what, x)) }
            }
        }
    }
}

/// What a reader who does not see it needs: every edge as a sentence.
fn described(drawing: &Drawing) -> String {
    let sentences: Vec<String> = drawing.edges.iter().map(Edge::sentence).collect();
    let text = if sentences.is_empty() { "Nothing hangs together.".to_owned() } else { sentences.join("; ") + "." };
    Clean(&text).to_string()
}

/// The kinds of edge that there are, and where in the legend each stands.
fn entries(drawing: &Drawing) -> Vec<(What, f64)> {
    let mut kinds: Vec<What> = drawing.edges.iter().map(|edge| edge.what).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds.into_iter().zip((0_u8..).map(|place| f64::from(place) * ENTRY)).collect()
}

/// What a box says.
struct Box {
    lines: Vec<Line>,
}

/// A line of a box: its class, its text, what a letter of it takes, and its height.
struct Line {
    class: String,
    text: String,
    letter: f64,
    height: f64,
}

impl Box {
    fn new(node: &Node) -> Self {
        let line = |class: &str, text: &str, letter, height| Line {
            class: class.to_owned(),
            text: Clean(text).to_string(),
            letter,
            height,
        };
        let mut lines = vec![line("kind", &node.kind, SMALL, 14.0), line("name", &node.name, NAME, 19.0)];
        lines.extend(node.aws_name.iter().map(|name| line("aws", name, SMALL, 16.0)));
        lines.extend(node.extent().iter().map(|extent| line("extent", extent, SMALL, 16.0)));
        lines.extend(node.marks().iter().map(|mark| line(&format!("mark {}", mark.class), &mark.text, SMALL, 18.0)));
        Self { lines }
    }

    fn width(&self) -> f64 {
        self.lines.iter().map(|line| f64::from(columns(&line.text)) * line.letter).fold(0.0, f64::max) + 2.0 * PADDING
    }

    fn height(&self) -> f64 {
        self.lines.iter().map(|line| line.height).sum::<f64>() + 16.0
    }

    fn draw(&self, node: &Node, middle: Point, width: f64, link: Option<Link<'_>>) -> Markup {
        let (x, y) = (middle.x - width / 2.0, middle.y - self.height() / 2.0);
        let mut base = 5.0;
        let lines = self.lines.iter().map(|line| {
            base += line.height;
            (base, line)
        });
        let shape = html! {
            title { (self.told(node)) }
            rect x="0" y="0" width=(px(width)) height=(px(self.height())) rx="6" {}
            @for (base, line) in lines {
                text class=(line.class) x=(px(PADDING)) y=(px(base)) {
                    (fitted(&line.text, (width - 2.0 * PADDING) / line.letter))
                }
            }
        };
        let classes = match node.class() {
            _ if node.outside => "node outside".to_owned(),
            "" => "node".to_owned(),
            class => format!("node marked {class}"),
        };
        html! {
            g class=(classes) transform=(format!("translate({} {})", px(x), px(y))) {
                @if let Some(target) = link.and_then(|link| link(node)) { a href=(target) { (shape) } } @else { (shape) }
            }
        }
    }

    /// All of it, whole, and every resource: what a pointer that rests on the box shows.
    fn told(&self, node: &Node) -> String {
        let lines = self.lines.iter().skip(2).map(|line| line.text.clone());
        let resources =
            node.resources.iter().map(|part| format!("{} {}", Clean(&part.address.to_string()), Clean(&part.aws_type)));
        [Clean(&node.id).to_string()].into_iter().chain(lines).chain(resources).collect::<Vec<_>>().join("\n")
    }
}

fn line(edge: &Edge, points: &[Point]) -> Markup {
    html! {
        g class=(class(edge.what)) {
            title { (Clean(&edge.sentence())) }
            path class="line" d=(curve(points)) {}
            path class="head" d=(head(points)) {}
        }
    }
}

/// A line of each kind, and what it means.
fn entry(what: What, x: f64) -> Markup {
    let points = [Point { x, y: 0.0 }, Point { x: x + 34.0, y: 0.0 }];
    html! {
        g class=(class(what)) {
            path class="line" d=(curve(&points)) {}
            path class="head" d=(head(&points)) {}
            text x=(px(x + 42.0)) y="4" { (class(what)) }
        }
    }
}

fn class(what: What) -> &'static str {
    match what {
        What::Data => "data",
        What::Watches => "watches",
        What::Notifies => "notifies",
        What::Shows => "shows",
        What::Needs => "needs",
    }
}

/// How long an arrow's head is.
const HEAD: f64 = 8.0;

/// Leaves and arrives level, as columns stand side by side.
fn curve(points: &[Point]) -> String {
    let [first, .., last] = points else { return String::new() };
    let before = points[points.len() - 2];
    let mut path = format!("M{} {}", px(first.x), px(first.y));
    for (from, to) in points.iter().zip(&points[1..]) {
        // The line ends under the arrow's head, whose tip is where it leads.
        let end = if to == last { last.x - (last.x - before.x).signum() * HEAD * 0.6 } else { to.x };
        let half = px(f64::midpoint(from.x, end));
        let _ = write!(path, " C{half} {} {half} {} {} {}", px(from.y), px(to.y), px(end), px(to.y));
    }
    path
}

fn head(points: &[Point]) -> String {
    let [.., before, tip] = points else { return String::new() };
    let back = tip.x - (tip.x - before.x).signum() * HEAD;
    format!("M{} {} L{} {} L{} {} Z", px(tip.x), px(tip.y), px(back), px(tip.y - 4.0), px(back), px(tip.y + 4.0))
}

/// Pixels with one decimal, where there is one.
fn px(length: f64) -> String {
    // No "-0".
    let tenths = (length * 10.0).round() + 0.0;
    format!("{}", tenths / 10.0)
}

/// How many columns of a monospaced font a text takes.
fn columns(text: &str) -> u32 {
    text.chars().map(wide).sum()
}

fn wide(letter: char) -> u32 {
    // None is wider than two columns.
    letter.width().map_or(0, |width| u32::try_from(width).unwrap_or(2))
}

/// The text, or as much of it as fits into so many columns.
fn fitted(text: &str, most: f64) -> String {
    if f64::from(columns(text)) <= most {
        return text.to_owned();
    }
    let mut taken = 1;
    let fits = text.chars().take_while(|letter| {
        taken += wide(*letter);
        f64::from(taken) <= most
    });
    fits.chain(['…']).collect()
}
