//! The processes of a build: a group of their own, which ends with it, and so does what has left the group.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::Child;

use super::super::stop::Stop;

/// How long a build that is asked to end may take.
const GRACE: Duration = Duration::from_secs(3);

/// What a command starts from now on.
pub(super) struct Family {
    #[cfg(target_os = "linux")]
    others: std::collections::BTreeSet<i32>,
}

impl Family {
    /// From now on orphans of what this process starts become its own children, where the system does that.
    pub(super) fn new() -> Self {
        #[cfg(target_os = "linux")]
        {
            // Without it, orphans that have left the group are not found; the docs promise no more than that.
            let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
            Self { others: linux::descendants() }
        }
        #[cfg(not(target_os = "linux"))]
        Self {}
    }

    /// Asks the group to end, and waits for the command; not for long, and no longer at a second signal.
    pub(super) async fn ask(&self, group: Option<u32>, child: &mut Child, stop: &dyn Stop) {
        signal(group, Signal::TERM);
        tokio::select! {
            _ = tokio::time::timeout(GRACE, child.wait()) => {}
            () = stop.urged() => {}
        }
    }

    /// Ends what is left of the group, and of what the command has started besides.
    pub(super) async fn end(&self, group: Option<u32>) {
        signal(group, Signal::KILL);
        #[cfg(target_os = "linux")]
        {
            // What is being started while others end is found in the next round.
            for _ in 0..100 {
                let left: Vec<i32> = linux::descendants().difference(&self.others).copied().collect();
                if left.is_empty() {
                    break;
                }
                for pid in left.into_iter().filter_map(Pid::from_raw) {
                    // It may have ended by itself.
                    let _ = rustix::process::kill_process(pid, Signal::KILL);
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            let _ = rustix::process::set_child_subreaper(None);
        }
    }
}

/// Sends a signal to a group; one that has ended by itself takes none.
fn signal(group: Option<u32>, signal: Signal) {
    let group = group.and_then(|group| i32::try_from(group).ok()).and_then(Pid::from_raw);
    if let Some(group) = group {
        let _ = kill_process_group(group, signal);
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::{BTreeMap, BTreeSet};
    use std::fs;

    /// The living processes that this one has started, and those that they have started.
    pub(super) fn descendants() -> BTreeSet<i32> {
        let mut children: BTreeMap<i32, Vec<i32>> = BTreeMap::new();
        for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            if let Some(parent) = parent(pid) {
                children.entry(parent).or_default().push(pid);
            }
        }
        let mut found = BTreeSet::new();
        let mut next = vec![rustix::process::getpid().as_raw_nonzero().get()];
        while let Some(one) = next.pop() {
            next.extend(children.get(&one).into_iter().flatten().filter(|pid| found.insert(**pid)));
        }
        found
    }

    /// Who has started a living process, from `/proc/<pid>/stat`: the second field after the name in brackets.
    fn parent(pid: i32) -> Option<i32> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let (_, rest) = stat.rsplit_once(')')?;
        let mut fields = rest.split_whitespace();
        let living = !matches!(fields.next()?, "Z" | "X");
        fields.next()?.parse().ok().filter(|_| living)
    }
}
