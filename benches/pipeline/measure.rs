//! What one run of a command took.

use std::io;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use wait4::Wait4 as _;

use crate::support::proxy::Calls;

/// What is measured.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum What {
    /// Everything that is done to an environment, in order, against MiniStack
    Life,
    /// An unchanged plan whose reads are answered at once: with AWS's published rates and without any
    Rates,
    /// An apply where streams, delivery streams and roles take as long as in AWS
    Delays,
    /// Everything that is done to the examples, in order, against MiniStack
    Examples,
    /// The destruction of an environment whose bucket is full
    Emptying,
    /// Terraform and pipectl in turn, one pipeline, against moto
    Beside,
}

/// The argument with which this program starts another one only to say what that took.
pub(crate) const LAUNCH: &str = "--launch";

/// What a process took.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(crate) struct Times {
    /// Seconds from its start to its end.
    pub(crate) wall: f64,
    /// Seconds of a processor, in the program and its own children and for them in the kernel.
    pub(crate) cpu: f64,
    /// The most memory that was resident, in MiB; of several processes the largest one's.
    pub(crate) memory: u64,
}

impl Times {
    /// Runs the command, whose environment is only what was given to it, to its end, which must be a success.
    ///
    /// A process of its own starts it: Linux counts the memory of whoever starts a process as that one's.
    pub(crate) fn of(command: &Command) -> Self {
        let mut launcher = Command::new(std::env::current_exe().unwrap());
        launcher.arg(LAUNCH).arg(command.get_program()).args(command.get_args()).env_clear();
        launcher.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        launcher.current_dir(command.get_current_dir().unwrap());
        let output = launcher.stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

/// Runs a program, and prints what it took as JSON.
pub(crate) fn launch(program: &str, arguments: &[String]) -> ExitCode {
    let start = Instant::now();
    let child = Command::new(program).args(arguments).stdout(Stdio::null()).spawn().unwrap();
    let used = child.wait4().unwrap();
    let cpu = (used.rusage.utime + used.rusage.stime).as_secs_f64();
    let times = Times { wall: start.elapsed().as_secs_f64(), cpu, memory: used.rusage.maxrss >> 20 };
    serde_json::to_writer(io::stdout(), &times).unwrap();
    ExitCode::from(u8::from(!used.status.success()))
}

/// One run of a command.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Measure {
    /// As part of what.
    pub(crate) what: What,
    /// `pipectl`, `terraform`.
    pub(crate) program: String,
    /// Which command, in words.
    pub(crate) phase: String,
    /// How many pipelines the environment has.
    pub(crate) pipelines: usize,
    /// What the proxy added to each call, in milliseconds.
    pub(crate) round_trip: u64,
    /// What the process took.
    #[serde(flatten)]
    pub(crate) times: Times,
    /// How many calls it made.
    pub(crate) calls: usize,
    /// The most calls that can be laid end to end.
    pub(crate) chain: usize,
    /// For how many seconds at least one call was waiting for the emulator, which answers one at a time.
    pub(crate) emulator: f64,
    /// How many calls were throttled for going beyond AWS's rates.
    pub(crate) throttled: usize,
    /// Processes that were running or waiting for a processor, on average over the minute before.
    pub(crate) load: f64,
}

impl Measure {
    /// What tells it from others: a later run takes the place of an earlier one.
    pub(crate) fn key(&self) -> (What, &str, &str, usize, u64) {
        (self.what, &self.program, &self.phase, self.pipelines, self.round_trip)
    }
}

/// For how long at least one call was waiting for the emulator: none of it pipectl's.
pub(crate) fn emulator(calls: &Calls, round_trip: Duration) -> Duration {
    let half = round_trip / 2;
    let mut asked: Vec<_> =
        calls.0.iter().map(|call| (call.start + half, call.end.checked_sub(half).unwrap())).collect();
    asked.sort();
    let (mut busy, mut until) = (Duration::ZERO, None);
    for (start, end) in asked {
        let start = until.map_or(start, |until| start.max(until));
        busy += end.saturating_duration_since(start);
        until = Some(until.map_or(end, |until: Instant| until.max(end)));
    }
    busy
}

/// The machine's load over the last minute; zero where it does not tell.
pub(crate) fn load() -> f64 {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or_default()
}
