//! The types of columns in Hive's words, which Glue and Athena take: `bigint`, `array<struct<id:string,price:decimal(10,2)>>`
//! (<https://docs.aws.amazon.com/athena/latest/ug/data-types.html>).

/// The types that hold no others.
const PRIMITIVES: [&str; 13] = [
    "bigint",
    "binary",
    "boolean",
    "date",
    "double",
    "float",
    "int",
    "interval",
    "smallint",
    "string",
    "time",
    "timestamp",
    "tinyint",
];

/// How deep types may stand in others; deeper than any real one.
const DEEPEST: usize = 32;

/// What is wrong with a type, if anything is.
pub(super) fn fault(text: &str) -> Option<String> {
    let mut rest = text;
    match one(&mut rest, 0) {
        Err(fault) => Some(fault),
        Ok(()) if rest.is_empty() => None,
        Ok(()) => Some(format!("`{rest}` follows the end of the type")),
    }
}

/// Whether values of that type can tell partitions apart.
pub(super) fn is_of_partition(text: &str) -> bool {
    ["bigint", "date", "int", "smallint", "string", "timestamp", "tinyint"].contains(&text)
        || text.starts_with("varchar(")
        || text.starts_with("char(")
}

fn one(rest: &mut &str, depth: usize) -> Result<(), String> {
    if depth > DEEPEST {
        return Err(format!("it is nested more than {DEEPEST} deep"));
    }
    let word = take_word(rest);
    match word {
        "array" => {
            expect(rest, '<')?;
            one(rest, depth + 1)?;
            expect(rest, '>')
        }
        "map" => {
            expect(rest, '<')?;
            let key = take_word(rest);
            if !PRIMITIVES.contains(&key) {
                return Err(format!("the key of a map cannot be `{key}`"));
            }
            expect(rest, ',')?;
            one(rest, depth + 1)?;
            expect(rest, '>')
        }
        "struct" => members(rest, depth),
        "decimal" => {
            let numbers = arguments(rest)?;
            match numbers.as_slice() {
                [] | [1..=38] | [1..=38, 0] => Ok(()),
                [precision @ 1..=38, scale] if scale <= precision => Ok(()),
                _ => {
                    Err("write `decimal(precision,scale)`: 38 digits at most, and no more behind the point".to_owned())
                }
            }
        }
        "char" | "varchar" => {
            let most = if word == "char" { 255 } else { 65_535 };
            match arguments(rest)?.as_slice() {
                [length] if (1..=most).contains(length) => Ok(()),
                _ => Err(format!("write `{word}(length)`, of 1 to {most} characters")),
            }
        }
        known if PRIMITIVES.contains(&known) => Ok(()),
        "" => Err("a type is missing".to_owned()),
        unknown => Err(match nearest(unknown) {
            Some(known) => format!("there is no type `{unknown}`: Hive calls it `{known}`"),
            None => format!("there is no type `{unknown}`"),
        }),
    }
}

/// What other tools' types are called in Hive.
fn nearest(word: &str) -> Option<&'static str> {
    Some(match word.to_ascii_lowercase().as_str() {
        "integer" | "int32" => "int",
        "long" | "int64" => "bigint",
        "short" => "smallint",
        "byte" => "tinyint",
        "text" | "str" | "utf8" => "string",
        "real" | "float32" => "float",
        "float64" | "number" => "double",
        "bool" => "boolean",
        "datetime" => "timestamp",
        "list" => "array",
        "numeric" => "decimal",
        lower => PRIMITIVES.into_iter().find(|known| *known == lower)?,
    })
}

fn members(rest: &mut &str, depth: usize) -> Result<(), String> {
    expect(rest, '<')?;
    loop {
        let name = take_word(rest);
        if name.is_empty() {
            return Err("a member of a struct has no name".to_owned());
        }
        expect(rest, ':')?;
        one(rest, depth + 1)?;
        match rest.strip_prefix(',') {
            Some(more) => *rest = more,
            None => return expect(rest, '>'),
        }
    }
}

/// The numbers in brackets; none where there are no brackets.
fn arguments(rest: &mut &str) -> Result<Vec<u32>, String> {
    let Some(inner) = rest.strip_prefix('(') else { return Ok(Vec::new()) };
    let (numbers, after) = inner.split_once(')').ok_or("a `)` is missing")?;
    *rest = after;
    let number = |text: &str| text.trim().parse().map_err(|_| format!("`{text}` is not a number"));
    numbers.split(',').map(number).collect()
}

fn take_word<'a>(rest: &mut &'a str) -> &'a str {
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
    let (word, after) = rest.split_at(end);
    *rest = after;
    word
}

fn expect(rest: &mut &str, wanted: char) -> Result<(), String> {
    match rest.strip_prefix(wanted) {
        Some(after) => {
            *rest = after;
            Ok(())
        }
        None => Err(match rest.chars().next() {
            Some(found) => format!("`{wanted}` is missing before `{found}`"),
            None => format!("`{wanted}` is missing at the end"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_hive_are_taken() {
        for text in [
            "string",
            "decimal",
            "decimal(10)",
            "decimal(38,38)",
            "varchar(10)",
            "array<map<string,struct<id:bigint,at:timestamp>>>",
        ] {
            assert_eq!(fault(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_no_type_says_why() {
        let said = |text: &str| fault(text).unwrap();
        assert_eq!(said("long"), "there is no type `long`: Hive calls it `bigint`");
        assert_eq!(said("String"), "there is no type `String`: Hive calls it `string`");
        assert_eq!(said("blob"), "there is no type `blob`");
        assert_eq!(said("array<string"), "`>` is missing at the end");
        assert_eq!(said("struct<string>"), "`:` is missing before `>`");
        assert_eq!(said("map<array<int>,int>"), "the key of a map cannot be `array`");
        assert_eq!(said("int unsigned"), "` unsigned` follows the end of the type");
        assert!(said("decimal(10,11)").contains("38 digits") && said("decimal(39)").contains("38 digits"));
        assert_eq!(said("varchar"), "write `varchar(length)`, of 1 to 65535 characters");
        assert_eq!(said(&format!("{}int{}", "array<".repeat(40), ">".repeat(40))), "it is nested more than 32 deep");
        assert_eq!(said(""), "a type is missing");
    }
}
