//! What one run of the command took.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use wait4::Wait4 as _;

use crate::support::proxy::Calls;

/// What the process took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    /// From its start to its end.
    pub(crate) wall: Duration,
    /// Of a processor, in the program and for it in the kernel.
    pub(crate) cpu: Duration,
    /// The most memory that was resident, in bytes.
    pub(crate) memory: u64,
}

impl Times {
    /// Runs the command to its end, which must be a success.
    pub(crate) fn of(mut command: Command) -> Self {
        let start = Instant::now();
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let stderr = std::io::read_to_string(child.stderr.take().unwrap()).unwrap();
        let used = child.wait4().unwrap();
        let wall = start.elapsed();
        assert!(used.status.success(), "{command:?}: {stderr}");
        Self { wall, cpu: used.rusage.utime + used.rusage.stime, memory: used.rusage.maxrss }
    }
}

/// One command for one environment.
#[derive(Clone, Debug)]
pub(crate) struct Measure {
    /// Which command, in words.
    pub(crate) phase: &'static str,
    /// How many pipelines the environment has.
    pub(crate) pipelines: usize,
    /// What the proxy added to each call.
    pub(crate) round_trip: Duration,
    /// What the process took.
    pub(crate) times: Times,
    /// What it asked AWS.
    pub(crate) calls: Calls,
}

impl Measure {
    /// How long at least one call was waiting for the emulator, which answers one at a time: none of it pipectl's.
    pub(crate) fn emulator(&self) -> Duration {
        let half = self.round_trip / 2;
        let mut asked: Vec<_> =
            self.calls.0.iter().map(|call| (call.start + half, call.end.checked_sub(half).unwrap())).collect();
        asked.sort();
        let (mut busy, mut until) = (Duration::ZERO, None);
        for (start, end) in asked {
            let start = until.map_or(start, |until| start.max(until));
            busy += end.saturating_duration_since(start);
            until = Some(until.map_or(end, |until: Instant| until.max(end)));
        }
        busy
    }
}
