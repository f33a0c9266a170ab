//! What the system tells of this process.

/// The signals that whoever started the process had it ignore, as a mask: a shell does so with SIGINT for what it starts in
/// the background. Linux alone tells.
pub fn ignored_signals() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default()
}
