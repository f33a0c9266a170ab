//! The patterns of `!{timestamp:…}`: those that Java's `DateTimeFormatter` takes, of Java 17, and what they probably do not
//! mean.

/// A run of one letter: `yyyy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    letter: char,
    count: usize,
}

/// What Java has against a pattern; `None` if it takes it.
pub fn fault(pattern: &str) -> Option<String> {
    runs(pattern).err()
}

/// The runs of letters in a pattern, quoted text left out.
fn runs(pattern: &str) -> Result<Vec<Run>, String> {
    let (mut runs, mut open, mut rest) = (Vec::new(), 0_usize, pattern);
    // Whether a number that is padded has just ended: Java's builder trips over another one right behind it.
    let mut padded_number = false;
    while let Some(first) = rest.chars().next() {
        padded_number &= first.is_ascii_alphabetic();
        rest = match first {
            'a'..='z' | 'A'..='Z' => {
                let mut run = run_at(rest, first);
                rest = &rest[run.count..];
                let padded = first == 'p';
                if padded {
                    let letter = rest.chars().next().filter(char::is_ascii_alphabetic);
                    let letter = letter.ok_or("`p` pads the letters behind it, and there are none")?;
                    run = run_at(rest, letter);
                    rest = &rest[run.count..];
                }
                check_run(run)?;
                if padded_number && !padded && is_number(run) {
                    return Err(format!("a number, `{}`, cannot stand right behind one that is padded", run.letter));
                }
                padded_number = padded && is_number(run);
                runs.push(run);
                rest
            }
            '\'' => quoted(&rest[1..])?,
            '[' => {
                open += 1;
                &rest[1..]
            }
            ']' => {
                open = open.checked_sub(1).ok_or("`]` ends an optional part that does not begin")?;
                &rest[1..]
            }
            '{' | '}' | '#' => return Err(format!("`{first}` is reserved: it can stand in quotes only")),
            _ => &rest[first.len_utf8()..],
        };
    }
    Ok(runs)
}

fn run_at(text: &str, letter: char) -> Run {
    Run { letter, count: text.chars().take_while(|&c| c == letter).count() }
}

/// What follows a quoted text; two quotation marks in a row are one.
fn quoted(text: &str) -> Result<&str, String> {
    let mut rest = text;
    loop {
        let end = rest.find('\'').ok_or("a quotation mark is not closed: count the `'`")?;
        rest = &rest[end + 1..];
        match rest.strip_prefix('\'') {
            // Right behind the first one it is all of the text.
            Some(after) if rest.len() + 1 != text.len() => rest = after,
            _ => return Ok(rest),
        }
    }
}

/// Whether digits come of it, and not a word.
fn is_number(Run { letter, count }: Run) -> bool {
    match letter {
        'M' | 'L' | 'Q' | 'q' | 'e' | 'c' => count <= 2,
        'E' | 'G' | 'a' | 'B' | 'z' | 'v' | 'V' | 'O' | 'X' | 'x' | 'Z' => false,
        _ => true,
    }
}

/// How often a letter may stand in a row.
fn check_run(Run { letter, count }: Run) -> Result<(), String> {
    let most = match letter {
        'u' | 'y' | 'A' | 'n' | 'N' | 'g' | 'Y' => 19,
        'S' => 9,
        'M' | 'L' | 'Q' | 'q' | 'E' | 'e' | 'c' | 'G' | 'X' | 'x' | 'Z' | 'B' => 5,
        'z' | 'v' | 'O' => 4,
        'D' => 3,
        'd' | 'h' | 'H' | 'k' | 'K' | 'm' | 's' | 'w' | 'V' => 2,
        'a' | 'F' | 'W' => 1,
        _ => return Err(format!("`{letter}` is no letter of a time: put text into quotes, `'{letter}'`")),
    };
    let fits = match letter {
        // Java sets no limit, and takes a week-based year of any width apart.
        'Y' => true,
        'c' => count != 2 && count <= most,
        'V' => count == 2,
        'O' | 'v' => count == 1 || count == 4,
        'B' => matches!(count, 1 | 4 | 5),
        _ => count <= most,
    };
    if fits {
        return Ok(());
    }
    let run: String = std::iter::repeat_n(letter, count).collect();
    let allowed = match letter {
        'c' => "1, 3, 4 or 5".to_owned(),
        'V' => "2".to_owned(),
        'O' | 'v' => "1 or 4".to_owned(),
        'B' => "1, 4 or 5".to_owned(),
        _ if most == 1 => "1".to_owned(),
        _ => format!("1 to {most}"),
    };
    Err(format!("`{run}` has {count} times `{letter}`: {allowed} can stand in a row"))
}

/// What the patterns of one prefix together say that is probably not meant, and what to write instead.
pub(super) fn doubts(patterns: &[&str]) -> Vec<(String, String)> {
    let all: Vec<Run> = patterns.iter().filter_map(|pattern| runs(pattern).ok()).flatten().collect();
    let written = |run: &Run| -> String { std::iter::repeat_n(run.letter, run.count).collect() };
    let find = |letters: &str| all.iter().find(|run| letters.contains(run.letter));
    let mut doubts = Vec::new();
    let mut doubt = |run: &Run, message: &str, instead: &str| {
        doubts.push((format!("`{}` is {message}", written(run)), format!("write `{instead}`")));
    };
    if let Some(run) = find("Y").filter(|_| find("w").is_none() || find("MLd").is_some()) {
        let years =
            "the year of the week: the last days of December go to the next year, as 27 to 31 December 2026 to 2027";
        doubt(run, years, &"y".repeat(run.count));
    }
    if let Some(run) = find("D").filter(|run| run.count == 2 || find("ML").is_some()) {
        doubt(run, "the day of the year, 1 to 366", "dd");
    }
    if let Some(run) = find("hK").filter(|_| find("aB").is_none()) {
        doubt(run, "the hour of half a day: morning and evening go to the same place", "HH");
    }
    if let Some(run) = find("k") {
        doubt(run, "the hour from 1 to 24: what comes after midnight goes behind the day's end", "HH");
    }
    let is_hour = |run: &Run| "HhKk".contains(run.letter);
    let (hours, months) = (all.iter().position(is_hour), all.iter().position(|run| "ML".contains(run.letter)));
    let minutes = all.iter().position(|run| run.letter == 'm');
    if let Some(at) =
        minutes.filter(|&at| hours.is_none_or(|hours| at < hours) && months.is_none_or(|m| Some(m) > hours))
    {
        doubt(&all[at], "the minute", "MM");
    }
    let behind_hour = all.windows(2).find(|two| is_hour(&two[0]) && two[1].letter == 'M');
    if let Some([_, run]) = behind_hour.filter(|_| minutes.is_none_or(|at| Some(at) < hours)) {
        doubt(run, "the month, and stands behind the hour", "mm");
    }
    let fraction = all.windows(2).find(|two| two[0].letter == 'm' && two[1].letter == 'S');
    if let Some([_, run]) = fraction {
        doubt(run, "a fraction of the second", "ss");
    }
    doubts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_that_java_takes_and_does_not_take_are_told_apart() {
        for good in [
            "yyyy/MM/dd/HH",
            "'year='yyyy'/month='MM'/day='dd'/hour='HH",
            "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
            "''yyyy''",
            "'it''s' yyyy",
            "yyyy[/MM[/dd]]",
            "[yyyy",
            "ppH",
            "EEEE, MMMM",
            "YYYY-'W'ww",
            "VV",
            "w",
            "1/2/3",
        ] {
            assert_eq!(fault(good), None, "{good}");
        }
        for (bad, expected) in [
            ("foobar", "`f` is no letter"),
            ("'year='yyyy'/hour='HH'", "quotation mark is not closed"),
            ("yyyy}", "`}` is reserved"),
            ("yyyy#", "`#` is reserved"),
            ("yyyy]", "does not begin"),
            ("ddd", "`ddd` has 3 times `d`: 1 to 2"),
            ("DDDD", "1 to 3"),
            ("V", "2 can stand"),
            ("aa", "1 can stand"),
            ("cc", "1, 3, 4 or 5"),
            ("p", "there are none"),
            ("p/", "there are none"),
            ("SSSSSSSSSS", "1 to 9"),
            ("Hj", "`j` is no letter"),
        ] {
            let found = fault(bad).unwrap_or_default();
            assert!(found.contains(expected), "{bad}: {found}");
        }
    }

    #[test]
    fn what_is_probably_not_meant_is_found_wherever_the_letters_stand() {
        let told = |patterns: &[&str]| doubts(patterns).into_iter().map(|(_, help)| help).collect::<Vec<_>>();
        for plain in
            ["yyyy/MM/dd/HH", "yyyy/MM/dd/HH/mm", "HH:mm:ss.SSS", "yyyy/DDD", "YYYY/ww", "hh a", "MM", "HH/dd/MM"]
        {
            assert_eq!(told(&[plain]), Vec::<String>::new(), "{plain}");
        }
        assert_eq!(told(&["YYYY", "MM", "DD"]), ["write `yyyy`", "write `dd`"]);
        assert_eq!(told(&["YYYY/MM/dd"]), ["write `yyyy`"]);
        assert_eq!(told(&["yyyy/MM/dd/hh"]), ["write `HH`"]);
        assert_eq!(told(&["yyyy/mm/dd"]), ["write `MM`"]);
        assert_eq!(told(&["yyyy/mm/dd/HH"]), ["write `MM`"]);
        assert_eq!(told(&["yyyy", "mm", "dd"]), ["write `MM`"]);
        assert_eq!(told(&["yyyy/MM/dd/HH/MM"]), ["write `mm`"]);
        assert_eq!(told(&["HH:mm:SS"]), ["write `ss`"]);
        assert_eq!(told(&["yyyy/MM/dd/kk"]), ["write `HH`"]);
    }
}
