//! Sections of items within a bound: what matters least is left out first, and every section says what it lacks.

use std::fmt::Write;

/// Items under a heading.
pub(super) struct Section {
    /// The heading, without its signs.
    pub(super) title: String,
    /// Of its lines and of its details: the lower, the longer they stay.
    pub(super) ranks: [u8; 2],
    /// In the order of reading.
    pub(super) items: Vec<Item>,
}

/// One entry of a list.
pub(super) struct Item {
    /// What is always shown, as whole lines of a list.
    pub(super) lines: String,
    /// What is shown where there is room: whole lines, indented to be part of the entry.
    pub(super) details: String,
}

/// How much of an item is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Nothing,
    Lines,
    Whole,
}

/// Room that each section keeps for its heading's signs and for what it says of what is left out.
const RESERVE: usize = 200;

/// The head and the sections in their order, in at most `limit` bytes. The head and all titles must fit.
///
/// Lines and details are taken in by rank, those of one rank in their order, each where there is still room for it.
pub(super) fn fitted(head: &str, sections: &[Section], limit: usize) -> String {
    let fixed = head.len() + sections.iter().map(|section| section.title.len() + RESERVE).sum::<usize>();
    let mut room = limit.saturating_sub(fixed);
    let mut shown: Vec<Vec<Shown>> = sections.iter().map(|section| vec![Shown::Nothing; section.items.len()]).collect();
    for (index, part) in by_rank(sections) {
        for (item, shown) in sections[index].items.iter().zip(&mut shown[index]) {
            let (text, before) = match part {
                Shown::Whole => (&item.details, Shown::Lines),
                _ => (&item.lines, Shown::Nothing),
            };
            if *shown == before && text.len() <= room {
                *shown = part;
                room -= text.len();
            }
        }
    }
    let mut out = head.to_owned();
    for (section, shown) in sections.iter().zip(&shown) {
        write_section(&mut out, section, shown);
    }
    out
}

/// The lines and the details of all sections, as they are taken in.
fn by_rank(sections: &[Section]) -> Vec<(usize, Shown)> {
    let parts = |index: usize, [lines, details]: [u8; 2]| {
        [(lines, index, Shown::Lines), (details.max(lines), index, Shown::Whole)]
    };
    let mut all: Vec<_> =
        sections.iter().enumerate().flat_map(|(index, section)| parts(index, section.ranks)).collect();
    all.sort_by_key(|(rank, ..)| *rank);
    all.into_iter().map(|(_, index, part)| (index, part)).collect()
}

fn write_section(out: &mut String, section: &Section, shown: &[Shown]) {
    let _ = write!(out, "\n#### {}\n\n", section.title);
    for (item, shown) in section.items.iter().zip(shown) {
        if *shown != Shown::Nothing {
            out.push_str(&item.lines);
        }
        if *shown == Shown::Whole {
            out.push_str(&item.details);
        }
    }
    // Details end with an empty line, for what comes next in their list.
    out.truncate(out.trim_end().len());
    out.push('\n');
    let missing = shown.iter().filter(|shown| **shown == Shown::Nothing).count();
    let cut =
        section.items.iter().zip(shown).filter(|(item, shown)| **shown == Shown::Lines && !item.details.is_empty());
    let said = match (missing, cut.count()) {
        (0, 0) => return,
        (0, cut) => format!("The details of {cut} are"),
        (missing, 0) => format!("{missing} more are"),
        (missing, cut) => format!("{missing} more and the details of {cut} are"),
    };
    let _ = write!(out, "\n**{said} left out here, to fit a comment: `pipectl show` prints all.**\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(title: &str, ranks: [u8; 2], items: usize) -> Section {
        let item = |index| Item { lines: format!("- {title} {index}\n"), details: "x".repeat(100) };
        Section { title: title.into(), ranks, items: (0..items).map(item).collect() }
    }

    #[test]
    fn what_matters_least_goes_first_and_is_counted() {
        let sections = [section("losses", [0, 2], 3), section("rest", [1, 3], 3)];
        let of = |limit| fitted("head\n", &sections, limit);
        assert!(!of(2000).contains("left out"));
        let details = of(sections.len() * RESERVE + 400);
        assert_eq!(details.matches(&"x".repeat(100)).count(), 3);
        assert!(details.contains("**The details of 3 are left out here"), "{details}");
        assert!(details.find("rest 2") < details.find("left out"), "{details}");
        let lines = of(sections.len() * RESERVE + 60);
        assert!(lines.contains("losses 2") && !lines.contains("rest 2"), "{lines}");
        assert!(lines.contains("more and the details of"), "{lines}");
        assert!(of(0).contains("**3 more are left out here"));
    }
}
