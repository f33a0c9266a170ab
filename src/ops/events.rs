//! Click events as a shop's web site would send them: visitors who look, and some who buy.

use fastrand::Rng;
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::model::data::Record;

/// RFC 3339 in UTC, with milliseconds.
const MILLISECONDS: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
/// Visitors who are on the site at the same time.
const VISITORS: usize = 24;

/// Id, name and price in cents.
type Product = (&'static str, &'static str, u32);
const PRODUCTS: [Product; 8] = [
    ("p-1001", "Linen shirt", 5990),
    ("p-1002", "Canvas tote", 2450),
    ("p-1003", "Merino jumper", 11900),
    ("p-1004", "Walking boots", 14900),
    ("p-1005", "Rain jacket", 12950),
    ("p-1006", "Wool socks", 1290),
    ("p-1007", "Leather belt", 3900),
    ("p-1008", "Straw hat", 2990),
];
const LANDINGS: [&str; 4] = ["/", "/sale", "/categories/outdoor", "/categories/accessories"];
const REFERRERS: [&str; 4] = [
    "https://www.google.com/",
    "https://www.instagram.com/",
    "https://duckduckgo.com/",
    "https://newsletter.example.com/autumn",
];
const DEVICES: [&str; 5] = ["mobile", "mobile", "mobile", "desktop", "tablet"];

/// The fields that every event has, and that are texts.
pub const TEXTS: [&str; 6] = ["device", "event_id", "event_type", "occurred_at", "page", "session_id"];

/// What a visitor did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Opened a page.
    PageView,
    /// Clicked on a product.
    Click,
    /// Put a product into the cart.
    AddToCart,
    /// Bought what was in the cart.
    Purchase,
}

/// An event. Its fields are the columns of the table that Snowpipe fills by name.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Event {
    /// The run that sent it, and its number in the run: `<run>-<number>`.
    pub event_id: String,
    /// What happened.
    pub event_type: Action,
    /// When, in RFC 3339, in UTC and with milliseconds.
    pub occurred_at: String,
    /// The visit; the partition key, so that a visit's events stay in order.
    pub session_id: String,
    /// The visitor; absent where nobody is logged in.
    pub user_id: Option<String>,
    /// Path of the page.
    pub page: String,
    /// Where the visitor came from; absent where that is not known.
    pub referrer: Option<String>,
    /// `mobile`, `desktop` or `tablet`.
    pub device: &'static str,
    /// The product; absent on pages without one.
    pub product_id: Option<&'static str>,
    /// Its name.
    pub product_name: Option<&'static str>,
    /// Its price.
    pub price: Option<f64>,
    /// Of the price.
    pub currency: Option<&'static str>,
    /// How many of it.
    pub quantity: Option<u32>,
}

impl Event {
    /// The event as one JSON object without a newline: that is the delivery stream's to add.
    ///
    /// # Panics
    /// Never: every field has a JSON form.
    pub fn record(&self) -> Record {
        // Strings and finite numbers under names: nothing that JSON lacks.
        let data = serde_json::to_vec(self).expect("every field has a JSON form");
        Record { key: self.session_id.clone(), data }
    }
}

/// Where a visit stands.
#[derive(Clone, Copy, Debug)]
enum Stage {
    Landing,
    Browsing,
    Looking(Product),
    Carting(Product, u32),
}

#[derive(Debug)]
struct Visit {
    session: String,
    user: Option<String>,
    device: &'static str,
    page: String,
    referrer: Option<String>,
    stage: Stage,
}

/// An endless source of events; the same seed and run give the same events, but for their times.
#[derive(Debug)]
pub struct Events {
    run: String,
    next: u64,
    rng: Rng,
    visits: Vec<Visit>,
}

impl Events {
    /// The events of a run; `run` marks them, and is best a UUID.
    pub fn new(seed: u64, run: impl Into<String>) -> Self {
        let mut rng = Rng::with_seed(seed);
        let visits = (0..VISITORS).map(|_| Visit::new(&mut rng)).collect();
        Self { run: run.into(), next: 0, rng, visits }
    }

    /// What marks the events.
    pub fn run(&self) -> &str {
        &self.run
    }

    /// The number of the next event; the first has 0.
    pub fn number(&self) -> u64 {
        self.next
    }

    /// The next event, which happened at `at`.
    pub fn next(&mut self, at: OffsetDateTime) -> Event {
        let visit = &mut self.visits[self.rng.usize(..VISITORS)];
        if matches!(visit.stage, Stage::Browsing) && self.rng.u8(..100) < 30 {
            *visit = Visit::new(&mut self.rng);
        }
        let (event_type, item) = visit.go_on(&mut self.rng);
        let product = item.map(|(product, _)| product);
        let number = self.next;
        self.next += 1;
        Event {
            event_id: format!("{}-{number}", self.run),
            event_type,
            // A year beyond 9999 is the only time that has no such form; the clock's has.
            occurred_at: at.to_offset(time::UtcOffset::UTC).format(MILLISECONDS).unwrap_or_default(),
            session_id: visit.session.clone(),
            user_id: visit.user.clone(),
            page: visit.page.clone(),
            referrer: visit.referrer.clone(),
            device: visit.device,
            product_id: product.map(|(id, ..)| id),
            product_name: product.map(|(_, name, _)| name),
            price: product.map(|(.., cents)| f64::from(cents) / 100.0),
            currency: product.map(|_| "EUR"),
            quantity: item.and_then(|(_, quantity)| quantity),
        }
    }
}

/// The number of an event in `run`, if the event is of that run.
pub fn number_in(event_id: &str, run: &str) -> Option<u64> {
    event_id.strip_prefix(run)?.strip_prefix('-')?.parse().ok()
}

impl Visit {
    fn new(rng: &mut Rng) -> Self {
        Self {
            session: format!("s-{:016x}", rng.u64(..)),
            user: (rng.u8(..100) < 40).then(|| format!("u-{:05}", rng.u32(..20_000))),
            device: DEVICES[rng.usize(..DEVICES.len())],
            page: LANDINGS[rng.usize(..LANDINGS.len())].to_owned(),
            referrer: (rng.u8(..100) < 65).then(|| REFERRERS[rng.usize(..REFERRERS.len())].to_owned()),
            stage: Stage::Landing,
        }
    }

    /// One step down the funnel, or back to the shelves: a third of those who look put it into the cart, half of
    /// those buy.
    fn go_on(&mut self, rng: &mut Rng) -> (Action, Option<(Product, Option<u32>)>) {
        let chance = rng.u8(..100);
        match self.stage {
            Stage::Landing => self.stage = Stage::Browsing,
            Stage::Browsing if chance < 50 => {
                let product = PRODUCTS[rng.usize(..PRODUCTS.len())];
                self.stage = Stage::Looking(product);
                return (Action::Click, Some((product, None)));
            }
            Stage::Looking(product) if chance < 33 => {
                let quantity = rng.choice([1, 1, 1, 2, 3]).unwrap_or(1);
                self.stage = Stage::Carting(product, quantity);
                self.open(format!("/products/{}", product.0));
                return (Action::AddToCart, Some((product, Some(quantity))));
            }
            Stage::Carting(product, quantity) if chance < 50 => {
                self.stage = Stage::Browsing;
                self.open("/checkout".to_owned());
                return (Action::Purchase, Some((product, Some(quantity))));
            }
            Stage::Browsing | Stage::Looking(_) | Stage::Carting(..) => {
                self.stage = Stage::Browsing;
                self.open(LANDINGS[rng.usize(..LANDINGS.len())].to_owned());
            }
        }
        (Action::PageView, None)
    }

    /// Moves to another page of the shop, which is reached from the one before.
    fn open(&mut self, page: String) {
        let before = std::mem::replace(&mut self.page, page);
        self.referrer = Some(format!("https://shop.example.com{before}"));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use time::macros::datetime;

    use super::*;

    const AT: OffsetDateTime = datetime!(2026-11-21 04:05:06.789 +2);

    fn events(count: usize) -> Vec<Event> {
        let mut events = Events::new(7, "run");
        (0..count).map(|_| events.next(AT)).collect()
    }

    #[test]
    fn an_event_is_one_json_object_on_one_line() {
        let events = events(100);
        let event = events.iter().find(|event| event.event_type == Action::AddToCart).unwrap();
        let record = event.record();
        insta::assert_snapshot!(
            String::from_utf8(record.data).unwrap(),
            @r#"{"event_id":"run-33","event_type":"add_to_cart","occurred_at":"2026-11-21T02:05:06.789Z","session_id":"s-8df1bea03bfadcae","user_id":"u-02133","page":"/products/p-1007","referrer":"https://shop.example.com/categories/accessories","device":"tablet","product_id":"p-1007","product_name":"Leather belt","price":39.0,"currency":"EUR","quantity":1}"#
        );
    }

    #[test]
    fn every_event_has_the_texts_that_all_have() {
        for event in events(100) {
            let event = serde_json::to_value(event).unwrap();
            assert!(TEXTS.iter().all(|field| event[field].is_string()), "{event}");
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_events() {
        assert_eq!(events(200), events(200));
    }

    #[test]
    fn each_step_of_the_funnel_is_rarer_than_the_one_before_and_follows_from_it() {
        let all = events(5000);
        let count = |action| all.iter().filter(|event| event.event_type == action).count();
        let funnel = [Action::PageView, Action::Click, Action::AddToCart, Action::Purchase].map(count);
        assert!(funnel.is_sorted_by(|more, fewer| more > fewer) && funnel[3] > 0, "{funnel:?}");
        let mut last: HashMap<&str, &Event> = HashMap::new();
        for event in &all {
            let before = last.insert(&event.session_id, event);
            let came_from =
                |action| before.is_some_and(|it| it.event_type == action && it.product_id == event.product_id);
            match event.event_type {
                Action::AddToCart => assert!(came_from(Action::Click)),
                Action::Purchase => {
                    assert!(came_from(Action::AddToCart) && before.is_some_and(|it| it.quantity == event.quantity));
                }
                Action::PageView | Action::Click => {}
            }
        }
    }

    #[test]
    fn an_event_knows_its_run() {
        assert_eq!(number_in("run-12", "run"), Some(12));
        assert_eq!(number_in("other-12", "run"), None);
        assert_eq!(number_in("run2-12", "run"), None);
    }
}
