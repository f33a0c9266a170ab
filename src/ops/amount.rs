//! Counts and durations as a person says them.

use std::time::Duration;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// `1,234,567`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 event`, `1,234 events`.
pub fn counted(number: u64, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{} {what}s", count(number)) }
}

/// Two digits' worth of a duration: `340 ms`, `8.2 s`, `58 s`, `12 min`, `3 h`, `34 days`.
pub fn duration(duration: Duration) -> String {
    match duration.as_secs() {
        0 => format!("{} ms", duration.as_millis()),
        1..10 => format!("{:.1} s", duration.as_secs_f64()),
        seconds @ 10..120 => format!("{seconds} s"),
        seconds if seconds < 2 * HOUR => format!("{} min", seconds / MINUTE),
        seconds if seconds < 2 * DAY => format!("{} h", seconds / HOUR),
        seconds => format!("{} days", seconds / DAY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([0, 1, 1200].map(|number| counted(number, "event")), ["0 events", "1 event", "1,200 events"]);
    }

    #[test]
    fn durations_have_the_unit_that_fits() {
        let said = |milliseconds| duration(Duration::from_millis(milliseconds));
        assert_eq!([0, 340, 8_240, 58_900].map(said), ["0 ms", "340 ms", "8.2 s", "58 s"]);
        assert_eq!([720_000, 10_800_000, 2_937_600_000].map(said), ["12 min", "3 h", "34 days"]);
    }
}
