//! What a proxy is told to do to which calls.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hyper::Request;
use hyper::body::Bytes;
use serde_json::Value;
use tokio::sync::watch;

use super::failure::Failure;
use super::operation::Operation;

/// What is done to a call.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    /// It takes that much longer.
    Delay(Duration),
    /// It waits, before the emulator sees it, until it is released.
    HoldBefore(Gate),
    /// It is done, but its reply waits until it is released.
    HoldAfter(Gate),
    /// The connection is closed before the emulator sees it.
    Refuse,
    /// The connection is reset before the emulator sees it.
    Reset,
    /// It is refused before the emulator sees it.
    Fail(Failure),
    /// It is answered before the emulator sees it: with 200 and this text.
    Answer(String),
    /// It is done, and the connection closed instead of a reply.
    LoseReply,
    /// It is done, and a refusal given as its reply.
    FailAfter(Failure),
}

/// Where calls wait.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    reached: Arc<AtomicUsize>,
    open: watch::Receiver<bool>,
}

impl Gate {
    /// Waits for a release, or for the end of the [`Hold`].
    pub(crate) async fn pass(&self) {
        self.reached.fetch_add(1, Ordering::SeqCst);
        let _ = self.open.clone().wait_for(|open| *open).await;
    }
}

/// Which of the matching calls are meant.
#[derive(Clone, Copy, Debug)]
enum Which {
    All,
    /// The n-th, counted from one.
    Nth(usize),
    First(usize),
    /// All but the first n.
    AfterFirst(usize),
    Every(usize),
}

impl Which {
    fn includes(self, number: usize) -> bool {
        match self {
            Self::All => true,
            Self::Nth(n) => number == n,
            Self::First(n) => number <= n,
            Self::AfterFirst(n) => number > n,
            Self::Every(n) => number.is_multiple_of(n),
        }
    }
}

/// The rules of a proxy, in the order in which they were given.
#[derive(Debug, Default)]
pub(crate) struct Script(Mutex<Vec<Arc<Rule>>>);

impl Script {
    /// Forgets all rules.
    pub(crate) fn clear(&self) {
        self.0.lock().unwrap().clear();
    }

    /// What is to be done to a call.
    pub(crate) fn actions(&self, operation: &Operation, request: &Request<Bytes>) -> Vec<Action> {
        let rules = self.0.lock().unwrap();
        rules.iter().filter(|rule| rule.strikes(operation, request)).map(|rule| rule.action.clone()).collect()
    }
}

/// One rule.
#[derive(Debug)]
pub(crate) struct Rule {
    selection: Selection,
    action: Action,
    seen: AtomicUsize,
    struck: AtomicUsize,
}

impl Rule {
    fn strikes(&self, operation: &Operation, request: &Request<Bytes>) -> bool {
        let strikes = self.selection.covers(operation, request)
            && self.selection.which.includes(self.seen.fetch_add(1, Ordering::SeqCst) + 1);
        if strikes {
            self.struck.fetch_add(1, Ordering::SeqCst);
        }
        strikes
    }

    /// To how many calls it has been applied.
    pub(crate) fn struck(&self) -> usize {
        self.struck.load(Ordering::SeqCst)
    }
}

#[derive(Clone, Debug)]
struct Selection {
    operation: String,
    mention: String,
    which: Which,
}

impl Selection {
    fn covers(&self, operation: &Operation, request: &Request<Bytes>) -> bool {
        let named = match self.operation.strip_suffix('*') {
            Some(prefix) => operation.full_name().starts_with(prefix),
            None => operation.full_name() == self.operation,
        };
        let mention = self.mention.as_bytes();
        let in_body = || request.body().windows(mention.len()).any(|part| part == mention);
        named && (mention.is_empty() || request.uri().to_string().contains(&self.mention) || in_body())
    }
}

/// The calls for which a rule is being written.
pub(crate) struct Selected<'a> {
    script: &'a Script,
    selection: Selection,
}

impl Script {
    /// The calls of an operation: `s3:PutObject`, `kinesis:*`, `*`.
    pub(crate) fn on(&self, operation: &str) -> Selected<'_> {
        let selection = Selection { operation: operation.into(), mention: String::new(), which: Which::All };
        Selected { script: self, selection }
    }
}

impl Selected<'_> {
    /// Only those whose path or body mentions something.
    pub(crate) fn mentioning(mut self, text: &str) -> Self {
        text.clone_into(&mut self.selection.mention);
        self
    }

    /// Only the n-th of them, counted from one.
    pub(crate) fn nth(mut self, n: usize) -> Self {
        self.selection.which = Which::Nth(n);
        self
    }

    /// Only the first n of them.
    pub(crate) fn first(mut self, n: usize) -> Self {
        self.selection.which = Which::First(n);
        self
    }

    /// All of them but the first n.
    pub(crate) fn after_first(mut self, n: usize) -> Self {
        self.selection.which = Which::AfterFirst(n);
        self
    }

    /// Only every n-th of them.
    pub(crate) fn every(mut self, n: usize) -> Self {
        self.selection.which = Which::Every(n);
        self
    }

    /// They take that much longer.
    pub(crate) fn delay(self, by: Duration) -> Arc<Rule> {
        self.then(Action::Delay(by))
    }

    /// The connection is closed before the emulator sees them.
    pub(crate) fn refuse(self) -> Arc<Rule> {
        self.then(Action::Refuse)
    }

    /// The connection is reset before the emulator sees them.
    pub(crate) fn reset(self) -> Arc<Rule> {
        self.then(Action::Reset)
    }

    /// They are refused before the emulator sees them.
    pub(crate) fn fail(self, failure: Failure) -> Arc<Rule> {
        self.then(Action::Fail(failure))
    }

    /// They are answered before the emulator sees them, as AWS would with this JSON.
    pub(crate) fn answer(self, json: &Value) -> Arc<Rule> {
        self.answer_text(&json.to_string())
    }

    /// They are answered with 200 and a text, in the protocol of their service, before the emulator sees them.
    pub(crate) fn answer_text(self, text: &str) -> Arc<Rule> {
        self.then(Action::Answer(text.to_owned()))
    }

    /// They are done, and the connection is closed instead of a reply.
    pub(crate) fn lose_reply(self) -> Arc<Rule> {
        self.then(Action::LoseReply)
    }

    /// They are done, and a refusal is given as their reply.
    pub(crate) fn fail_after(self, failure: Failure) -> Arc<Rule> {
        self.then(Action::FailAfter(failure))
    }

    /// They wait before the emulator sees them.
    pub(crate) fn hold_before(self) -> Hold {
        self.hold(Action::HoldBefore)
    }

    /// They are done, and their replies wait.
    pub(crate) fn hold_after(self) -> Hold {
        self.hold(Action::HoldAfter)
    }

    fn hold(self, action: fn(Gate) -> Action) -> Hold {
        let (opener, open) = watch::channel(false);
        let gate = Gate { reached: Arc::default(), open };
        let reached = Arc::clone(&gate.reached);
        Hold { rule: self.then(action(gate)), reached, opener }
    }

    fn then(self, action: Action) -> Arc<Rule> {
        let rule = Rule { selection: self.selection, action, seen: AtomicUsize::new(0), struck: AtomicUsize::new(0) };
        let rule = Arc::new(rule);
        self.script.0.lock().unwrap().push(Arc::clone(&rule));
        rule
    }
}

/// Calls that wait until they are released, or until this is dropped.
pub(crate) struct Hold {
    rule: Arc<Rule>,
    reached: Arc<AtomicUsize>,
    opener: watch::Sender<bool>,
}

impl Hold {
    /// Blocks until a call waits here; one that is held after it was done is done by then. Not for a client in the same thread, which could then never make it.
    ///
    /// # Panics
    /// When none comes within half a minute.
    pub(crate) fn wait_reached(&self) {
        self.wait_for(1);
    }

    /// As [`Self::wait_reached`], until so many calls wait here, of which none has its reply.
    pub(crate) fn wait_for(&self, calls: usize) {
        let end = Instant::now() + Duration::from_secs(30);
        let came = || self.reached.load(Ordering::SeqCst);
        while came() < calls {
            assert!(Instant::now() < end, "{} of {calls} calls came to wait: {:?}", came(), self.rule.selection);
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Whether a call waits here, or did.
    pub(crate) fn reached(&self) -> bool {
        self.reached.load(Ordering::SeqCst) > 0
    }

    /// Lets go on what waits and what will come.
    pub(crate) fn release(&self) {
        self.opener.send_replace(true);
    }
}
