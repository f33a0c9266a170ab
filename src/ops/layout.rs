//! Where a delivery stream puts its objects: what its prefix says about the keys to come.

use std::fmt::Write;
use std::time::Duration;

use time::OffsetDateTime;

use crate::spec::prefix::literal;

/// The farthest that local time lags behind UTC.
const WESTERNMOST: Duration = Duration::from_hours(12);

/// The keys below a prefix that can have been written since some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// What every key begins with: the prefix up to its first expression.
    pub prefix: String,
    /// What every key comes after; so that a listing need not begin with the first object ever written.
    pub after: String,
}

/// The keys below a prefix, whenever they were written.
pub fn all(prefix: &str) -> Keys {
    let literal = literal(prefix).to_owned();
    Keys { after: literal.clone(), prefix: literal }
}

/// The keys that a delivery stream with this prefix writes from `since` on; `utc` is false where its timestamps are in
/// another time zone. A key is dated by the oldest record of its object, so `since` must allow for the buffer.
///
/// Dates help as long as they stand in order of weight, and before any expression that depends on the record.
pub fn keys(prefix: &str, since: OffsetDateTime, utc: bool) -> Keys {
    let since = if utc { since } else { since - WESTERNMOST };
    // Firehose adds a date of its own to a prefix without one.
    let whole = if prefix.contains("!{timestamp:") {
        prefix.to_owned()
    } else {
        format!("{prefix}!{{timestamp:yyyy/MM/dd/HH/}}")
    };
    let Keys { prefix, mut after } = all(&whole);
    let mut rest = &whole[prefix.len()..];
    let mut weight = 0;
    while let Some((pattern, text)) = rest.strip_prefix("!{timestamp:").and_then(|rest| rest.split_once('}')) {
        if !date(pattern, since, &mut weight, &mut after) {
            break;
        }
        let end = text.find("!{").unwrap_or(text.len());
        after += &text[..end];
        rest = &text[end..];
    }
    Keys { prefix, after }
}

/// The date as a pattern spells it, and how far it is to the next; none of a pattern whose values do not grow with time, or
/// change neither by the day nor by the hour.
pub fn dated(pattern: &str, at: OffsetDateTime) -> Option<(String, Duration)> {
    let (mut out, mut weight) = (String::new(), 0);
    let whole = date(pattern, at, &mut weight, &mut out);
    let step = match weight {
        3 => Duration::from_hours(24),
        4 => Duration::from_hours(1),
        _ => return None,
    };
    whole.then_some((out, step))
}

/// Adds the date as the pattern spells it; stops, and says so with `false`, at what does not grow with time.
fn date(pattern: &str, at: OffsetDateTime, weight: &mut usize, out: &mut String) -> bool {
    const FIELDS: [&str; 6] = ["yyyy", "MM", "dd", "HH", "mm", "ss"];
    let mut rest = pattern;
    while let Some(letter) = rest.chars().next() {
        if !letter.is_ascii_alphabetic() && letter != '\'' {
            out.push(letter);
            rest = &rest[letter.len_utf8()..];
            continue;
        }
        let run = rest.len() - rest.trim_start_matches(letter).len();
        // Only the next lighter field keeps the order of keys the order of time.
        if FIELDS.get(*weight) != Some(&&rest[..run]) {
            return false;
        }
        let value = [at.year(), u8::from(at.month()).into(), at.day().into(), at.hour().into(), at.minute().into()];
        let value = value.get(*weight).copied().unwrap_or_else(|| at.second().into());
        let _ = write!(out, "{value:0run$}");
        *weight += 1;
        rest = &rest[run..];
    }
    true
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const SINCE: OffsetDateTime = datetime!(2026-11-21 02:05:00 UTC);

    fn after(prefix: &str) -> String {
        keys(prefix, SINCE, true).after
    }

    #[test]
    fn a_prefix_is_taken_to_its_first_expression() {
        assert_eq!(keys("data/customer=!{partitionKeyFromQuery:id}/", SINCE, true).prefix, "data/customer=");
        assert_eq!(keys("events/", SINCE, true).prefix, "events/");
    }

    #[test]
    fn keys_with_dates_are_listed_from_the_hour_on() {
        assert_eq!(after("events/!{timestamp:yyyy/MM/dd/HH}/"), "events/2026/11/21/02/");
        assert_eq!(after("y=!{timestamp:yyyy}/m=!{timestamp:MM}/"), "y=2026/m=11/");
        assert_eq!(after("events/"), "events/2026/11/21/02/");
        assert_eq!(after(""), "2026/11/21/02/");
    }

    #[test]
    fn what_does_not_grow_with_time_ends_the_date() {
        assert_eq!(after("c=!{partitionKeyFromQuery:c}/!{timestamp:yyyy}/"), "c=");
        assert_eq!(after("events/!{timestamp:dd/MM/yyyy}/"), "events/");
        assert_eq!(after("events/!{timestamp:yyyy/dd}/"), "events/2026/");
        assert_eq!(after("events/!{timestamp:yyyy}/!{firehose:random-string}/"), "events/2026/");
    }

    #[test]
    fn a_date_is_spelt_where_it_changes_by_the_day_or_the_hour() {
        assert_eq!(dated("yyyy-MM-dd", SINCE), Some(("2026-11-21".into(), Duration::from_hours(24))));
        assert_eq!(dated("yyyy/MM/dd/HH", SINCE), Some(("2026/11/21/02".into(), Duration::from_hours(1))));
        assert_eq!(
            [dated("yyyy/MM", SINCE), dated("dd/MM", SINCE), dated("yyyy/MM/dd/HH/mm", SINCE)],
            [None, None, None]
        );
    }

    #[test]
    fn in_another_time_zone_the_hour_is_the_earliest_it_can_be() {
        assert_eq!(keys("e/", SINCE, false).after, "e/2026/11/20/14/");
    }
}
