//! What came of all the points, as a table.

use std::collections::BTreeMap;
use std::fmt;

use super::life::Damage;
use super::point::{Fault, Phase, Point};

/// The verdicts so far.
pub(super) struct Tally {
    emulator: &'static str,
    system: &'static str,
    /// How many points there are.
    all: usize,
    tried: BTreeMap<(Phase, String, Fault), usize>,
    missed: usize,
    sums: BTreeMap<Phase, Sums>,
    wrong: Vec<String>,
}

/// Of one phase.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    tried: usize,
    converged: usize,
    orphans: usize,
    doubles: usize,
    manual: usize,
}

impl Tally {
    /// Nothing yet.
    pub(super) fn new(emulator: &'static str, system: &'static str, all: usize) -> Self {
        Self { emulator, system, all, tried: BTreeMap::new(), missed: 0, sums: BTreeMap::new(), wrong: Vec::new() }
    }

    /// Counts a verdict, and prints it at once where something is wrong.
    pub(super) fn add(&mut self, point: &Point, verdict: &Damage) {
        if verdict.reached {
            *self.tried.entry((point.phase, point.operation.clone(), point.fault)).or_default() += 1;
        } else {
            self.missed += 1;
        }
        let done = self.missed + self.tried.values().sum::<usize>();
        if done.is_multiple_of(100) {
            println!("{done} of {} points", self.all);
        }
        let sums = self.sums.entry(point.phase).or_default();
        sums.tried += usize::from(verdict.reached);
        sums.converged += usize::from(verdict.reached && verdict.converged());
        sums.orphans += verdict.orphans.len();
        sums.doubles += verdict.doubles.len();
        sums.manual += verdict.manual.len();
        if !verdict.converged() && !self.is_a_gap(point, verdict) {
            let wrong = format!("{point}: {verdict:#?}");
            println!("{wrong}");
            self.wrong.push(wrong);
        }
    }

    /// Whether that is MiniStack's: where AWS answers to a mapping that exists ResourceConflictException, and to the request
    /// token of a saved query with the query that is there, it makes another; so a call that the SDK makes again, as its
    /// reply was lost, doubles it there.
    fn is_a_gap(&self, point: &Point, verdict: &Damage) -> bool {
        let made_again = matches!(point.fault, Fault::LostReply | Fault::Internal);
        let doubled = match point.operation.as_str() {
            "lambda:POST event-source-mappings" => "mapping ",
            "athena:CreateNamedQuery" => "saved query ",
            _ => return false,
        };
        let Damage { reached: _, orphans, doubles, lost, manual } = verdict;
        self.emulator == "MiniStack"
            && made_again
            && doubles.iter().all(|double| double.starts_with(doubled))
            && [orphans, lost, manual].iter().all(|list| list.is_empty())
    }

    /// Prints the table.
    ///
    /// # Panics
    /// When anything was orphaned, doubled, lost or left to be done by hand.
    pub(super) fn holds(&self) {
        println!("{self}");
        assert!(self.sums.values().any(|sums| sums.tried > 0), "nothing was tried");
        assert!(self.wrong.is_empty(), "{}", self.wrong.join("\n"));
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} on {}: points tried by phase, operation and fault, of {}",
            self.system, self.emulator, self.all
        )?;
        write!(f, "{:<8} {:<54}", "", "")?;
        Fault::ALL.iter().try_for_each(|fault| write!(f, " {:>10}", format!("{fault:?}")))?;
        let mut rows: Vec<(Phase, &str)> = self.tried.keys().map(|(phase, name, _)| (*phase, name.as_str())).collect();
        rows.dedup();
        for (phase, name) in rows {
            write!(f, "\n{:<8} {name:<54}", format!("{phase:?}"))?;
            for fault in Fault::ALL {
                let tried = self.tried.get(&(phase, name.to_owned(), fault)).copied().unwrap_or_default();
                write!(f, " {tried:>10}")?;
            }
        }
        let titles = ["tried", "converged", "orphans", "doubles", "manual"];
        write!(f, "\n\n{:<8}", "")?;
        titles.iter().try_for_each(|title| write!(f, " {title:>10}"))?;
        let mut total = Sums::default();
        for (phase, sums) in &self.sums {
            total.add(sums);
            write!(f, "\n{:<8}{sums}", format!("{phase:?}"))?;
        }
        write!(f, "\n{:<8}{total}\n{} more were not reached", "all", self.missed)
    }
}

impl Sums {
    fn add(&mut self, other: &Self) {
        self.tried += other.tried;
        self.converged += other.converged;
        self.orphans += other.orphans;
        self.doubles += other.doubles;
        self.manual += other.manual;
    }
}

impl fmt::Display for Sums {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tried, converged, orphans, doubles, manual } = self;
        [tried, converged, orphans, doubles, manual].iter().try_for_each(|sum| write!(f, " {sum:>10}"))
    }
}
