//! When a schedule fires: `rate(5 minutes)` or `cron(0 8 * * ? *)`, as EventBridge reads them.

use crate::spec::check::Checks;

/// A field of a cron expression.
struct Field {
    /// What it counts.
    name: &'static str,
    /// Its smallest and its largest number.
    range: (u32, u32),
    /// What may stand for numbers, from the smallest on.
    words: &'static [&'static str],
    /// Which of `?`, `L`, `W` and `#` it knows.
    signs: &'static str,
}

const MONTHS: &[&str] = &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS: &[&str] = &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const fn field(name: &'static str, range: (u32, u32), words: &'static [&'static str], signs: &'static str) -> Field {
    Field { name, range, words, signs }
}

const FIELDS: [Field; 6] = [
    field("minutes", (0, 59), &[], ""),
    field("hours", (0, 23), &[], ""),
    field("day of the month", (1, 31), &[], "?LW"),
    field("month", (1, 12), MONTHS, ""),
    field("day of the week", (1, 7), DAYS, "?L#"),
    field("year", (1970, 2199), &[], ""),
];

/// What is wrong with an expression, if anything is.
pub(in crate::spec::blocks) fn fault(expression: &str) -> Option<String> {
    let inside = |name: &str| expression.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
    match (inside("rate"), inside("cron")) {
        (Some(rate), _) => rate_fault(rate),
        (_, Some(cron)) => cron_fault(cron),
        _ => Some(format!("`{expression}` is neither `rate(…)` nor `cron(…)`")),
    }
}

/// Checks what Glue starts `who` by: a `cron(…)`. Whether it is one that can be read.
pub(in crate::spec::blocks) fn check_cron(expression: &str, who: &str, checks: &mut Checks<'_>) -> bool {
    let fault = if expression.starts_with("cron(") {
        let help = "six fields: minutes, hours, day of the month, month, day of the week, year";
        fault(expression).map(|fault| (fault, help))
    } else {
        let message = format!("`{expression}` is no `cron(…)`: {who} of Glue know no other schedule");
        Some((message, "write `cron(15 * * * ? *)` for a quarter past each hour, UTC"))
    };
    let Some((message, help)) = fault else { return true };
    checks.error("schedule", message).help(help);
    false
}

/// How many minutes a `cron(…)` lets pass at the least between two times that it fires, as far as minutes and hours tell;
/// absent of one that cannot be read.
pub(in crate::spec::blocks) fn shortest(expression: &str) -> Option<u32> {
    pauses(&fields(expression)?)?.into_iter().min()
}

/// How many minutes it lets pass at the most; absent of one that does not fire on every day, or cannot be read.
pub(in crate::spec::blocks) fn longest(expression: &str) -> Option<u32> {
    let fields = fields(expression)?;
    let every_day = fields.iter().skip(2).all(|field| ["*", "?"].contains(field));
    pauses(&fields).filter(|_| every_day)?.into_iter().max()
}

fn fields(expression: &str) -> Option<Vec<&str>> {
    Some(expression.strip_prefix("cron(")?.strip_suffix(')')?.split(' ').collect())
}

/// The minutes from each time of a day to the next.
fn pauses(fields: &[&str]) -> Option<Vec<u32>> {
    let [minutes, hours, ..] = fields else { return None };
    let times: Vec<u32> = FIELDS[1]
        .numbers(hours)?
        .into_iter()
        .flat_map(|hour| {
            FIELDS[0].numbers(minutes).unwrap_or_default().into_iter().map(move |minute| hour * 60 + minute)
        })
        .collect();
    let first = times.first()? + 24 * 60;
    let later = times.iter().skip(1).copied().chain([first]);
    Some(times.iter().zip(later).map(|(one, next)| next - one).collect())
}

fn rate_fault(rate: &str) -> Option<String> {
    let (value, unit) = rate.split_once(' ').unwrap_or((rate, ""));
    let Some(value) = value.parse::<u32>().ok().filter(|value| *value > 0) else {
        return Some(format!("`{value}` is no whole number above 0"));
    };
    let one = ["minute", "hour", "day"];
    let Some(unit) = one.into_iter().find(|one| unit.strip_suffix('s').unwrap_or(unit) == *one) else {
        return Some(format!("`{unit}` is none of minutes, hours and days"));
    };
    let right = if value == 1 { unit.to_owned() } else { format!("{unit}s") };
    (rate != format!("{value} {right}")).then(|| format!("EventBridge says `rate({value} {right})`"))
}

fn cron_fault(cron: &str) -> Option<String> {
    let written: Vec<&str> = cron.split(' ').collect();
    if written.len() != FIELDS.len() {
        let names = FIELDS.map(|field| field.name).join(", ");
        return Some(format!("a cron expression has six fields, and this has {}: {names}", written.len()));
    }
    let faults = FIELDS.iter().zip(&written).filter(|(field, text)| !field.takes(text));
    if let Some((field, text)) = faults.into_iter().next() {
        let (least, most) = field.range;
        return Some(format!("`{text}` is no {}, which goes from {least} to {most}", field.name));
    }
    let open = [written[2], written[4]].into_iter().filter(|text| *text == "?").count();
    (open != 1).then(|| "of the day of the month and the day of the week one is `?`, and only one".to_owned())
}

impl Field {
    /// The numbers that a field without signs stands for, in order.
    fn numbers(&self, text: &str) -> Option<Vec<u32>> {
        let (least, most) = self.range;
        let mut numbers = std::collections::BTreeSet::new();
        for part in text.split(',') {
            let (span, step) = part.split_once('/').map_or((part, None), |(span, step)| (span, step.parse().ok()));
            let (from, to) = match span.split_once('-') {
                Some((from, to)) => (self.number(from)?, self.number(to)?),
                None if span == "*" => (least, most),
                None => (self.number(span)?, if step.is_some() { most } else { self.number(span)? }),
            };
            numbers.extend((from..=to).step_by(step.unwrap_or(1).max(1)));
        }
        Some(numbers.into_iter().collect())
    }

    fn takes(&self, text: &str) -> bool {
        if text == "?" {
            return self.signs.contains('?');
        }
        text.split(',').all(|part| self.takes_part(part))
    }

    /// A number, a range, an increment; of days also the last, a weekday near one, the n-th of a month.
    fn takes_part(&self, part: &str) -> bool {
        let (span, step) = part.split_once('/').map_or((part, None), |(span, step)| (span, Some(step)));
        if step.is_some_and(|step| !step.parse::<u32>().is_ok_and(|step| step > 0 && step <= self.range.1)) {
            return false;
        }
        if span == "*" {
            return true;
        }
        if let Some((from, to)) = span.split_once('-') {
            return matches!((self.number(from), self.number(to)), (Some(from), Some(to)) if from <= to);
        }
        self.number(span).is_some() || (step.is_none() && self.takes_sign(span))
    }

    fn takes_sign(&self, text: &str) -> bool {
        let knows = |sign: char| self.signs.contains(sign);
        if let Some((day, nth)) = text.split_once('#') {
            return knows('#') && self.number(day).is_some() && matches!(nth, "1" | "2" | "3" | "4" | "5");
        }
        if let Some(day) = text.strip_suffix('W') {
            return knows('W') && (day == "L" || self.number(day).is_some());
        }
        let last = text.strip_suffix('L').filter(|_| knows('L'));
        last.is_some_and(|day| day.is_empty() || (!knows('W') && self.number(day).is_some()))
    }

    fn number(&self, text: &str) -> Option<u32> {
        let word = self.words.iter().position(|word| word.eq_ignore_ascii_case(text));
        let named = word.and_then(|place| u32::try_from(place).ok()).map(|place| self.range.0 + place);
        let number = named.or_else(|| text.parse().ok())?;
        (self.range.0..=self.range.1).contains(&number).then_some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::{fault, longest, shortest};

    #[test]
    fn the_longest_pause_is_known_of_what_fires_every_day() {
        for (expression, minutes) in [
            ("cron(15 * * * ? *)", Some(60)),
            ("cron(0,10 8 * * ? *)", Some(1430)),
            ("cron(0 3 ? * * *)", Some(1440)),
            ("cron(0 3 ? * MON *)", None),
            ("rate(5 minutes)", None),
        ] {
            assert_eq!(longest(expression), minutes, "{expression}");
        }
    }

    #[test]
    fn the_shortest_time_between_two_firings_is_that_of_minutes_and_hours() {
        for (expression, minutes) in [
            ("cron(15 * * * ? *)", 60),
            ("cron(0/5 * * * ? *)", 5),
            ("cron(0,10 8 * * ? *)", 10),
            ("cron(0 3 * * ? *)", 1440),
            ("cron(30 0/6 ? * MON *)", 360),
            ("cron(0 23,0 * * ? *)", 60),
        ] {
            assert_eq!(shortest(expression), Some(minutes), "{expression}");
        }
        assert_eq!(shortest("rate(1 minute)"), None);
    }

    #[test]
    fn what_eventbridge_takes_is_taken() {
        for good in [
            "rate(1 minute)",
            "rate(5 minutes)",
            "rate(1 day)",
            "cron(0 10 * * ? *)",
            "cron(15 12 * * ? *)",
            "cron(0 18 ? * MON-FRI *)",
            "cron(0 8 1 * ? *)",
            "cron(0/15 * * * ? *)",
            "cron(0/5 8-17 ? * MON-FRI *)",
            "cron(0 9 ? * 2#1 *)",
            "cron(0 0 L * ? 2027)",
            "cron(0 0 3W 1,6,Dec ? *)",
            "cron(0 0 ? * 6L 2027-2030)",
        ] {
            assert_eq!(fault(good), None, "{good}");
        }
    }

    #[test]
    fn what_eventbridge_refuses_is_refused() {
        for (bad, expected) in [
            ("hourly", "neither `rate(…)` nor `cron(…)`"),
            ("rate(0 minutes)", "no whole number above 0"),
            ("rate(1 minutes)", "`rate(1 minute)`"),
            ("rate(5 minute)", "`rate(5 minutes)`"),
            ("rate(5  minutes)", "none of minutes, hours and days"),
            ("rate(5 seconds)", "`seconds` is none of"),
            ("cron(0 10 * * *)", "this has 5"),
            ("cron(60 10 * * ? *)", "`60` is no minutes"),
            ("cron(0 24 * * ? *)", "`24` is no hours"),
            ("cron(0 10 * * * *)", "one is `?`"),
            ("cron(0 10 ? * ? *)", "one is `?`"),
            ("cron(0 10 32 * ? *)", "no day of the month"),
            ("cron(0 10 ? * FRY *)", "no day of the week"),
            ("cron(0 10 ? * 8 *)", "no day of the week"),
            ("cron(5-1 10 * * ? *)", "no minutes"),
            ("cron(0/0 10 * * ? *)", "no minutes"),
            ("cron(0 10 * * ? 1969)", "no year"),
            ("cron(0 L * * ? *)", "no hours"),
        ] {
            let fault = fault(bad).unwrap_or_default();
            assert!(fault.contains(expected), "{bad}: {fault}");
        }
    }
}
