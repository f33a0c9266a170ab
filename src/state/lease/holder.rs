//! Who holds the lock, as the lock file says it, and whether a holder on this machine still lives.

use std::fmt;
use std::fs;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

const FORMAT: &str = "pipectl/lock";

/// Who holds a lock. Unknown fields are let pass and missing ones left empty, so that every release can at least name
/// another's holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Random; no two leases share it.
    pub id: Uuid,
    /// Who runs the command: the CI user's login, or the name in `USER`.
    #[serde(default)]
    pub user: String,
    /// The machine's name.
    #[serde(default)]
    pub host: String,
    /// The CI job's page, in CI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
    /// Whose credentials it uses, where its spec says so: `role arn:aws:iam::123456789012:role/deploy`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acts_as: Option<String>,
    /// What is running: `pipectl apply plan.json`.
    #[serde(default)]
    pub command: String,
    /// When the lock was taken, by the holder's clock; for people, never compared.
    #[serde(with = "time::serde::rfc3339")]
    pub since: OffsetDateTime,
    /// Which process of which machine it is, where the system tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<Process>,
}

impl Holder {
    /// This process running `command`; `env` looks up an environment variable.
    pub fn new(command: impl Into<String>, env: impl Fn(&str) -> Option<String>) -> Self {
        let first = |names: &[&str]| names.iter().find_map(|name| env(name).filter(|value| !value.is_empty()));
        let host = fs::read_to_string("/proc/sys/kernel/hostname").ok().map(|name| name.trim().to_owned());
        Self {
            id: Uuid::new_v4(),
            user: first(&["GITLAB_USER_LOGIN", "GITHUB_ACTOR", "USER", "LOGNAME", "USERNAME"]).unwrap_or_default(),
            host: host.or_else(|| first(&["HOSTNAME", "COMPUTERNAME"])).unwrap_or_default(),
            job: first(&["CI_JOB_URL"]),
            acts_as: None,
            command: command.into(),
            since: OffsetDateTime::now_utc(),
            process: Process::of(std::process::id()),
        }
    }

    /// Who it is in one word: the CI job's page, or `user@host`.
    pub fn who(&self) -> String {
        let name = |text: &str| if text.is_empty() { "unknown".to_owned() } else { text.escape_debug().to_string() };
        match &self.job {
            Some(job) => name(job),
            None => format!("{}@{}", name(&self.user), name(&self.host)),
        }
    }

    /// Whether it ran on this very machine and its process is certainly gone.
    pub fn is_gone(&self) -> bool {
        self.process.as_ref().is_some_and(Process::is_gone)
    }
}

impl fmt::Display for Holder {
    /// `ana@laptop (pid 4711), running pipectl apply plan.json since 2026-11-21T04:30:00Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.who())?;
        if self.job.is_some() && !self.user.is_empty() {
            write!(f, " of {}", self.user.escape_debug())?;
        }
        if let Some(process) = &self.process {
            write!(f, " (pid {})", process.pid)?;
        }
        if let Some(acting) = &self.acts_as {
            write!(f, ", acting as {}", acting.escape_debug())?;
        }
        if !self.command.is_empty() {
            write!(f, ", running {}", self.command.escape_debug())?;
        }
        let since = self.since.replace_nanosecond(0).unwrap_or(self.since);
        write!(f, " since {}", since.format(&Rfc3339).map_err(|_| fmt::Error)?)
    }
}

/// The lock file: every renewal counts `renewals` up, so that its bytes, and so its ETag, change.
#[derive(Serialize, Deserialize)]
pub(super) struct LockFile {
    #[serde(default)]
    format: String,
    holder: Holder,
    /// Seconds after which others may take the lock over, if it stood still for so long.
    ttl: u64,
    renewals: u64,
}

impl LockFile {
    /// The lock of `holder`, renewed so many times.
    pub(super) fn new(holder: &Holder, ttl: Duration, renewals: u64) -> Self {
        Self { format: FORMAT.to_owned(), holder: holder.clone(), ttl: ttl.as_secs(), renewals }
    }

    /// Its bytes.
    pub(super) fn render(&self) -> Vec<u8> {
        // Strings and numbers: nothing in it can fail to become JSON.
        serde_json::to_vec_pretty(self).expect("a lock is plain data")
    }

    /// The holder and how long its lease lasts; `None` where the bytes are no lock that this pipectl understands.
    pub(super) fn parse(bytes: &[u8]) -> Option<(Holder, Duration)> {
        let file: Self = serde_json::from_slice(bytes).ok()?;
        Some((file.holder, Duration::from_secs(file.ttl)))
    }
}

/// A process, named so that it is never mistaken for another: process ids are used again, so are machines' names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// The process id.
    pub pid: u32,
    /// When it started, in the kernel's ticks since boot.
    started: u64,
    #[serde(flatten)]
    place: Machine,
}

/// Where process ids mean the same, and where we would see the process if it were there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Machine {
    hostname: String,
    boot: String,
    namespace: String,
    /// `/proc` may hide other users' processes.
    user: u32,
}

impl Process {
    /// A running process of this machine; `None` where the system does not tell (no Linux, no `/proc`).
    pub(super) fn of(pid: u32) -> Option<Self> {
        Some(Self { pid, started: started(pid)?, place: Machine::here()? })
    }

    /// Only "gone" is certain: a process of another machine, container or user may live or not.
    fn is_gone(&self) -> bool {
        Machine::here().is_some_and(|here| here == self.place) && started(self.pid) != Some(self.started)
    }
}

impl Machine {
    #[cfg(target_os = "linux")]
    fn here() -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        let read = |path: &str| fs::read_to_string(path).ok().map(|text| text.trim().to_owned());
        Some(Self {
            hostname: read("/proc/sys/kernel/hostname")?,
            boot: read("/proc/sys/kernel/random/boot_id")?,
            namespace: fs::read_link("/proc/self/ns/pid").ok()?.to_str()?.to_owned(),
            user: fs::metadata("/proc/self").ok()?.uid(),
        })
    }

    #[cfg(not(target_os = "linux"))]
    fn here() -> Option<Self> {
        None
    }
}

/// When a living process started, from `/proc/<pid>/stat`; one that only waits to be reaped is no longer living.
fn started(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the program's name in brackets, which may itself hold spaces and brackets.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace();
    let state = fields.next()?;
    // Field 22 of proc_pid_stat(5), `starttime`; the state is field 3.
    let started = fields.nth(18)?.parse().ok()?;
    (!matches!(state, "Z" | "X")).then_some(started)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder() -> Holder {
        Holder::new("pipectl apply plan.json", |name| (name == "USER").then(|| "ana".to_owned()))
    }

    #[test]
    fn a_lock_comes_back_as_it_was_written() {
        let bytes = LockFile::new(&holder(), Duration::from_secs(90), 3).render();
        let (found, ttl) = LockFile::parse(&bytes).unwrap();
        assert_eq!((found.who(), ttl), (holder().who(), Duration::from_secs(90)));
        assert_eq!(LockFile::parse(b"{\"format\":\"other\"}"), None);
    }

    #[test]
    fn a_renewal_changes_the_bytes() {
        let holder = holder();
        let render = |renewals| LockFile::new(&holder, Duration::from_secs(90), renewals).render();
        assert_ne!(render(1), render(2));
    }

    #[test]
    fn a_holder_is_named_by_its_job_or_by_user_and_host() {
        let mut holder = holder();
        holder.host = "laptop".into();
        assert_eq!(holder.who(), "ana@laptop");
        holder.job = Some("https://gitlab.example.com/-/jobs/7\u{1b}[2J".into());
        assert_eq!(holder.who(), "https://gitlab.example.com/-/jobs/7\\u{1b}[2J");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn only_a_process_of_this_place_that_is_gone_counts_as_gone() {
        let mut child = std::process::Command::new("sleep").arg("600").spawn().unwrap();
        let process = Process::of(child.id()).unwrap();
        assert!(!process.is_gone(), "it runs");
        child.kill().unwrap();
        let end = std::time::Instant::now() + Duration::from_secs(10);
        while !process.is_gone() {
            assert!(std::time::Instant::now() < end, "killed, it is gone even before it is reaped");
            std::thread::yield_now();
        }
        child.wait().unwrap();
        assert!(process.is_gone());
        let mut elsewhere = process.clone();
        elsewhere.place.boot = "another boot".into();
        assert!(!elsewhere.is_gone(), "what runs elsewhere cannot be seen from here");
        let mut earlier = Process::of(std::process::id()).unwrap();
        earlier.started -= 1;
        assert!(earlier.is_gone(), "its id was given to another process since");
    }
}
