//! What IAM reads as more than itself where a policy names a resource or compares a text, and what that stands for.

/// The first character of a text that would make a pattern of it in a policy, or a variable: `*`, `?`, `$`.
pub fn special(text: &str) -> Option<char> {
    text.chars().find(|letter| "*?$".contains(*letter))
}

/// Whether a pattern stands for an action (`s3:Get*` for `s3:getobject`): IAM does not mind how actions are spelt.
pub fn stands_for(pattern: &str, action: &str) -> bool {
    matches(&pattern.to_ascii_lowercase(), &action.to_ascii_lowercase())
}

/// IAM's wildcards: `*` for any text, `?` for one character. Also what has wildcards itself is matched: by what matches
/// all that it matches.
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(letter) if *letter == text[t] || (*letter == '?' && text[t] != '*') => {
                p += 1;
                t += 1;
            }
            _ => match star {
                // The last star takes one character more.
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|letter| *letter == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_would_be_a_pattern_or_a_variable_is_told_from_a_plain_one() {
        for (text, found) in [("a*", '*'), ("a?b", '?'), ("${aws:username}", '$')] {
            assert_eq!(special(text), Some(found));
        }
        assert_eq!(special("arn:aws:iam::123456789012:role/a/b_+=,.@-c"), None);
    }
}
