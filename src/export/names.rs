//! Addresses as the other tools spell names: `firehose.clicks/role` is `firehose_clicks_role`, or `FirehoseClicksRole`.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::address::Address;

/// Words of letters and digits, joined with underscores, in lower case: a label in HCL.
pub(super) fn snake(words: &str) -> String {
    parts(words).join("_").to_lowercase()
}

/// Words of letters and digits, each with a capital: a logical id in CloudFormation.
pub(super) fn pascal(words: &str) -> String {
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    parts(words).into_iter().map(capital).collect()
}

/// The runs of ASCII letters and digits.
fn parts(words: &str) -> Vec<&str> {
    words.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|part| !part.is_empty()).collect()
}

/// A name for each address, all different: where two addresses come to one name, the later gets a number.
pub(super) fn all<'a>(
    addresses: impl Iterator<Item = &'a Address>,
    spell: fn(&str) -> String,
) -> BTreeMap<&'a Address, String> {
    let mut taken = BTreeSet::new();
    let mut names = BTreeMap::new();
    for address in addresses {
        let name = distinct(&spell(&address.to_string()), &mut taken);
        names.insert(address, name);
    }
    names
}

/// The name, or the first with a number behind it that is not taken; takes it.
pub(super) fn distinct(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut free = name.to_owned();
    let mut number = 2;
    while !taken.insert(free.clone()) {
        free = format!("{name}{number}");
        number += 1;
    }
    free
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_become_names_of_each_tool() {
        let address = "topic.alerts/email:data-oncall@example.com";
        assert_eq!(snake(address), "topic_alerts_email_data_oncall_example_com");
        assert_eq!(pascal(address), "TopicAlertsEmailDataOncallExampleCom");
    }

    #[test]
    fn two_addresses_never_share_a_name() {
        let addresses: Vec<Address> =
            ["stream.a-b", "stream.a_b", "stream.a_b2"].map(|address| address.parse().unwrap()).into();
        let names = all(addresses.iter(), pascal);
        let names: Vec<&str> = names.values().map(String::as_str).collect();
        assert_eq!(names, ["StreamAB", "StreamAB2", "StreamAB22"]);
    }
}
