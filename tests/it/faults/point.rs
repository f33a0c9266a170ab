//! Where an environment's life is disturbed, and how.

use std::fmt;

use crate::support::proxy::Calls;

/// A part of an environment's life; each is one command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Everything is made.
    Apply,
    /// Everything is changed in place.
    Update,
    /// Everything is replaced.
    Replace,
    /// Everything is destroyed, the bucket's objects with it.
    Destroy,
}

impl Phase {
    /// In the order of a life.
    pub(super) const ALL: [Self; 4] = [Self::Apply, Self::Update, Self::Replace, Self::Destroy];

    /// The command, but for its environment.
    pub(super) fn command(self) -> &'static [&'static str] {
        match self {
            Self::Destroy => &["destroy", "--auto-approve", "--empty-buckets"],
            _ => &["apply", "--auto-approve", "--approve-broadening"],
        }
    }
}

/// What happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fault {
    /// pipectl is killed before the call arrives.
    KillBefore,
    /// pipectl is killed when the call is carried out and its reply on the way.
    KillAfter,
    /// The call is carried out, and the connection ends instead of a reply.
    LostReply,
    /// The call is carried out, and AWS answers 500.
    Internal,
    /// AWS asks to slow down.
    Throttled,
}

impl Fault {
    /// In the order of the table's columns.
    pub(super) const ALL: [Self; 5] =
        [Self::KillBefore, Self::KillAfter, Self::LostReply, Self::Internal, Self::Throttled];
}

/// One disturbance: of the n-th call (from one) of an operation in a phase.
#[derive(Clone, Debug)]
pub(super) struct Point {
    /// When.
    pub(super) phase: Phase,
    /// `kinesis:CreateStream`.
    pub(super) operation: String,
    /// Which of them.
    pub(super) n: usize,
    /// What happens to it.
    pub(super) fault: Fault,
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {:?} at {} no. {}", self.phase, self.fault, self.operation, self.n)
    }
}

/// Every fault of every call that a phase made.
pub(super) fn points(phase: Phase, calls: &Calls) -> Vec<Point> {
    let each = |(operation, count): (String, usize)| {
        let all = (1..=count).flat_map(move |n| Fault::ALL.map(|fault| (n, fault)));
        all.map(move |(n, fault)| Point { phase, operation: operation.clone(), n, fault })
    };
    calls.by_operation().into_iter().flat_map(each).collect()
}
