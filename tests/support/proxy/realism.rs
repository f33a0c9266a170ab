//! What emulators leave out of AWS: that it takes its time, forgets for a while what it was told, and has its limits.

use std::sync::Mutex;
use std::time::Duration;

use hyper::body::Bytes;
use hyper::{Method, Request, Response, Uri};

use super::failure::Failure;
use super::lag::{Lag, Slow, Span};
use super::operation::Operation;
use super::pending;
use super::rates::Rates;
use super::roles::Roles;
use super::shards::Shards;
use super::stale::Stale;

/// Which of it there is; by default nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Realism {
    /// Streams and delivery streams come, change and go slowly.
    pub(crate) lag: Lag,
    /// For how long Firehose cannot assume a new role.
    pub(crate) role: Duration,
    /// For how long a read may show what was there before a write. States and locks are spared: S3's objects are
    /// consistent.
    pub(crate) stale: Duration,
    /// Calls beyond the rates that AWS publishes are throttled.
    pub(crate) rates: bool,
    /// Nobody confirms a subscription by mail.
    pub(crate) pending: bool,
    /// UpdateShardCount at most doubles and at least halves.
    pub(crate) doubling: bool,
}

impl Realism {
    /// AWS on an ordinary day: a stream takes 15 s, a delivery stream 30 s, a role 8 s.
    pub(crate) const AWS: Self = Self {
        lag: Lag {
            stream: Span::Time(Duration::from_secs(15)),
            delivery_stream: Span::Time(Duration::from_secs(30)),
            updating: Span::Time(Duration::from_secs(5)),
            deleting: Span::Time(Duration::from_secs(10)),
        },
        role: Duration::from_secs(8),
        stale: Duration::from_secs(1),
        rates: true,
        pending: true,
        doubling: true,
    };
}

/// A request, as far as the realism looks at it.
pub(crate) struct Asked<'a> {
    /// What is asked.
    pub(crate) operation: &'a Operation,
    /// How it is asked.
    pub(crate) method: Method,
    /// Path and query.
    pub(crate) uri: Uri,
    /// The body.
    pub(crate) body: Bytes,
}

impl<'a> Asked<'a> {
    /// The request, before it is sent away.
    pub(crate) fn new(operation: &'a Operation, request: &Request<Bytes>) -> Self {
        let (method, uri, body) = (request.method().clone(), request.uri().clone(), request.body().clone());
        Self { operation, method, uri, body }
    }

    /// All of it that an answer depends on.
    pub(crate) fn question(&self) -> String {
        let (name, body) = (self.operation.full_name(), String::from_utf8_lossy(&self.body));
        format!("{name} {} {} {body}", self.method, self.uri)
    }

    /// A refusal of it.
    pub(crate) fn refused(&self, code: &'static str, message: String) -> Response<Bytes> {
        Failure::Other { status: 400, code, message }.reply(self.operation, &self.method)
    }
}

/// The realism of one proxy, which stands for one account.
#[derive(Debug, Default)]
pub(crate) struct Real {
    chosen: Mutex<Realism>,
    slow: Slow,
    roles: Roles,
    stale: Stale,
    rates: Rates,
    shards: Shards,
}

impl Real {
    /// Chooses for what is asked from now on, as if nothing had been asked before.
    pub(crate) fn set(&self, chosen: Realism) {
        *self.chosen.lock().unwrap() = chosen;
        self.rates.refill();
    }

    /// How many calls were throttled so far for going beyond AWS's rates.
    pub(crate) fn throttled(&self) -> usize {
        self.rates.refusals()
    }

    /// The reply that AWS would give where the emulator gives another one.
    pub(crate) fn before(&self, asked: &Asked<'_>) -> Option<Response<Bytes>> {
        let chosen = *self.chosen.lock().unwrap();
        if chosen.rates && !self.rates.admits(asked.operation) {
            return Some(Failure::Throttled.reply(asked.operation, &asked.method));
        }
        let past = self.stale.before(asked, chosen.stale);
        let refusal = || chosen.doubling.then(|| self.shards.refusal(asked)).flatten();
        past.or_else(|| self.roles.refusal(asked, chosen.role)).or_else(refusal).or_else(|| self.slow.before(asked))
    }

    /// The emulator's reply, as AWS would give it at this time.
    pub(crate) fn after(&self, asked: &Asked<'_>, reply: Response<Bytes>) -> Response<Bytes> {
        let chosen = *self.chosen.lock().unwrap();
        self.roles.note(asked, &reply);
        self.shards.note(asked, &reply);
        let mut reply = self.slow.after(asked, chosen.lag, reply);
        if chosen.pending {
            reply = pending::shown(asked, reply);
        }
        self.stale.after(asked, chosen.stale, &reply);
        reply
    }
}
