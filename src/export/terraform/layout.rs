//! HCL as `terraform fmt` lays it out: what stands together is aligned, and what does not fit a line is broken.

use std::fmt::Write;

/// Columns that a value may end at.
const WIDTH: usize = 110;

/// A line or a block of a body.
pub(super) enum Item {
    /// `name = value`
    Argument(Argument),
    /// `head { … }`
    Block(String, Vec<Item>),
}

/// A name and its value, in a body or an object.
pub(super) struct Argument {
    /// The name; quoted already where it has to be.
    pub(super) name: String,
    /// The value.
    pub(super) value: Shape,
}

/// A value, whose leaves are HCL already.
pub(super) enum Shape {
    /// A text, a number, a reference.
    Leaf(String),
    /// A list.
    List(Vec<Shape>),
    /// An object.
    Object(Vec<Argument>),
    /// A function of one value.
    Call(&'static str, Box<Shape>),
}

/// A body, indented by `depth` steps.
pub(super) fn body(items: &[Item], depth: usize) -> String {
    let (mut text, mut run) = (String::new(), Vec::new());
    for item in items {
        match item {
            Item::Argument(argument) => run.push(argument),
            Item::Block(head, items) => {
                text += &arguments(&std::mem::take(&mut run), depth);
                if !text.is_empty() {
                    text.push('\n');
                }
                let indent = indent(depth);
                let _ = writeln!(text, "{indent}{head} {{\n{}{indent}}}", body(items, depth + 1));
            }
        }
    }
    // Arguments come before blocks, but for `tags`, which stand last as is the custom.
    if !text.is_empty() && !run.is_empty() {
        text.push('\n');
    }
    text + &arguments(&run, depth)
}

/// Arguments that stand together: values of one line have their equals signs in one column.
fn arguments(arguments: &[&Argument], depth: usize) -> String {
    let lines: Vec<(&str, String)> =
        arguments.iter().map(|argument| (argument.name.as_str(), value(argument, depth))).collect();
    let mut text = String::new();
    for run in lines.chunk_by(|a, b| !a.1.contains('\n') && !b.1.contains('\n')) {
        let width = run.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        for (name, value) in run {
            let _ = writeln!(text, "{}{name:<width$} = {value}", indent(depth));
        }
    }
    text
}

fn value(argument: &Argument, depth: usize) -> String {
    let Argument { name, value } = argument;
    fitted(value, depth, 2 * depth + name.chars().count() + " = ".len())
}

/// A value that begins in a column: on one line if it fits.
fn fitted(shape: &Shape, depth: usize, column: usize) -> String {
    let line = line(shape);
    if column + line.chars().count() <= WIDTH { line } else { broken(shape, depth) }
}

fn line(shape: &Shape) -> String {
    match shape {
        Shape::Leaf(text) => text.clone(),
        Shape::List(items) => format!("[{}]", items.iter().map(line).collect::<Vec<_>>().join(", ")),
        Shape::Object(arguments) if arguments.is_empty() => "{}".to_owned(),
        Shape::Object(arguments) => {
            let all = arguments.iter().map(|argument| format!("{} = {}", argument.name, line(&argument.value)));
            format!("{{ {} }}", all.collect::<Vec<_>>().join(", "))
        }
        Shape::Call(function, shape) => format!("{function}({})", line(shape)),
    }
}

fn broken(shape: &Shape, depth: usize) -> String {
    match shape {
        Shape::List(items) => {
            let indent = indent(depth + 1);
            let item = |item| format!("{indent}{},\n", fitted(item, depth + 1, indent.len() + 1));
            format!("[\n{}{}]", items.iter().map(item).collect::<String>(), self::indent(depth))
        }
        Shape::Object(all) => {
            format!("{{\n{}{}}}", arguments(&all.iter().collect::<Vec<_>>(), depth + 1), indent(depth))
        }
        Shape::Call(function, shape) => format!("{function}({})", broken(shape, depth)),
        Shape::Leaf(text) => text.clone(),
    }
}

fn indent(depth: usize) -> String {
    "  ".repeat(depth)
}
