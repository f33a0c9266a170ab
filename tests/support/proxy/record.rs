//! The calls that went through a proxy.

use std::collections::BTreeMap;
use std::time::Instant;

use super::operation::Operation;

/// One call, from its whole request to the beginning of its reply.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// What was asked.
    pub(crate) operation: Operation,
    /// The region that it was signed for.
    pub(crate) region: Option<String>,
    /// The access key that signed it.
    pub(crate) key: Option<String>,
    /// When the request had arrived.
    pub(crate) start: Instant,
    /// When the reply left, or the connection was cut.
    pub(crate) end: Instant,
    /// The reply's HTTP status; `None` where the connection was cut instead.
    pub(crate) status: Option<u16>,
}

/// Calls in the order in which they ended.
#[derive(Clone, Debug, Default)]
pub(crate) struct Calls(pub(crate) Vec<Call>);

impl Calls {
    /// How many there were.
    pub(crate) fn total(&self) -> usize {
        self.0.len()
    }

    /// How many there were of one operation: `kinesis:CreateStream`.
    pub(crate) fn of(&self, operation: &str) -> usize {
        self.0.iter().filter(|call| call.operation.full_name() == operation).count()
    }

    /// Those that are not of one operation.
    pub(crate) fn without(&self, operation: &str) -> Self {
        Self(self.0.iter().filter(|call| call.operation.full_name() != operation).cloned().collect())
    }

    /// How many there were of each operation.
    pub(crate) fn by_operation(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for call in &self.0 {
            *counts.entry(call.operation.full_name()).or_default() += 1;
        }
        counts
    }

    /// The operations among them that change anything but objects: objects are pipectl's own, states and locks.
    pub(crate) fn changes(&self) -> Vec<String> {
        let harmless = |call: &&Call| {
            call.operation.is_read() || ["PutObject", "DeleteObject"].contains(&call.operation.name.as_str())
        };
        self.0.iter().filter(|call| !harmless(call)).map(|call| call.operation.full_name()).collect()
    }

    /// The most calls that can be laid end to end without overlap: how many sequential round trips it took, and what
    /// a delay per call multiplies.
    pub(crate) fn depth(&self) -> usize {
        let mut calls: Vec<&Call> = self.0.iter().collect();
        calls.sort_by_key(|call| call.end);
        let mut last: Option<Instant> = None;
        let follows = |call: &&Call| {
            let follows = last.is_none_or(|end| call.start >= end);
            if follows {
                last = Some(call.end);
            }
            follows
        };
        calls.into_iter().filter(follows).count()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::operation::Protocol;
    use super::*;

    #[test]
    fn depth_is_the_longest_chain_of_calls_that_do_not_overlap() {
        let zero = Instant::now();
        let at = |(start, end)| Call {
            operation: Operation { service: "s3".into(), name: "GetObject".into(), protocol: Protocol::S3 },
            region: None,
            key: None,
            start: zero + Duration::from_millis(start),
            end: zero + Duration::from_millis(end),
            status: Some(200),
        };
        let depth = |calls: &[(u64, u64)]| Calls(calls.iter().copied().map(at).collect()).depth();
        assert_eq!(depth(&[]), 0);
        assert_eq!(depth(&[(0, 10), (0, 10), (1, 9)]), 1);
        assert_eq!(depth(&[(0, 10), (10, 20), (20, 30)]), 3);
        // The long one overlaps both short ones, which follow each other.
        assert_eq!(depth(&[(0, 30), (0, 10), (12, 20)]), 2);
    }
}
