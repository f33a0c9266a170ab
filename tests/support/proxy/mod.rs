//! A reverse proxy between a client and an emulator: counts calls, and adds what emulators leave out.
//!
//! It serves from a thread and a runtime of its own, so that tests may block while it works.

mod crowd;
mod failure;
mod lag;
mod ministack;
mod moto;
mod operation;
mod pending;
mod rates;
mod realism;
mod record;
mod replay;
mod roles;
mod script;
mod shards;
mod stale;

use std::convert::Infallible;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONNECTION, CONTENT_LENGTH, EXPECT, HeaderName, HeaderValue, TRANSFER_ENCODING};
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, Request, Response, client, server};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::time::sleep;

pub(crate) use failure::Failure;
pub(crate) use lag::{Lag, Span};
pub(crate) use operation::access_key;
pub(crate) use realism::Realism;
pub(crate) use record::{Call, Calls};
pub(crate) use script::{Hold, Rule, Selected};

use super::witness;
use crowd::Crowd;
use operation::Operation;
use realism::{Asked, Real};
use replay::Replay;
use script::{Action, Script};

/// What the emulator behind the proxy understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Everything, as it comes; a reply that MiniStack alone would give is mended.
    Aws,
    /// What moto does: requests and replies are translated.
    Moto,
}

/// Whether requests are shown to the [witness].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Witnessed {
    /// No: what is behind the proxy is no emulator of AWS.
    No,
    /// Yes; each is of the account that its access key says.
    ByKey,
    /// Yes; those whose access key says no account are this one's.
    Of(String),
}

/// A running proxy. Ends when it is dropped, and with it every call that is under way.
pub(crate) struct Proxy {
    endpoint: String,
    shared: Arc<Shared>,
    end: Option<oneshot::Sender<Infallible>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

struct Shared {
    /// Host and port of the emulator.
    upstream: String,
    dialect: Dialect,
    witnessed: Witnessed,
    delay: Mutex<Duration>,
    script: Script,
    real: Real,
    crowd: Crowd,
    replay: Replay,
    calls: Mutex<Calls>,
}

impl Proxy {
    /// Starts one before what listens at `upstream`, on a free loopback port.
    pub(crate) fn start(upstream: &str, dialect: Dialect, witnessed: Witnessed) -> Self {
        let shared = Arc::new(Shared {
            upstream: upstream.trim_start_matches("http://").to_owned(),
            dialect,
            witnessed,
            delay: Mutex::default(),
            script: Script::default(),
            real: Real::default(),
            crowd: Crowd::default(),
            replay: Replay::default(),
            calls: Mutex::default(),
        });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let (end, ended) = oneshot::channel();
        let served = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                tokio::select! {
                    () = accept(listener, served) => {}
                    _ = ended => {}
                }
            });
        });
        Self { endpoint, shared, end: Some(end), thread: Some(thread) }
    }

    /// `http://127.0.0.1:<port>`.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Makes every call take that much longer, half of it on the way in and half on the way out.
    pub(crate) fn delay(&self, by: Duration) {
        *self.shared.delay.lock().unwrap() = by;
    }

    /// The calls of an operation (`s3:PutObject`, `kinesis:*`, `*`), to say what is to happen to them.
    pub(crate) fn on(&self, operation: &str) -> Selected<'_> {
        self.shared.script.on(operation)
    }

    /// Forgets what it was told to do to calls; what waits goes on waiting.
    pub(crate) fn calm(&self) {
        self.shared.script.clear();
    }

    /// Adds what emulators leave out.
    pub(crate) fn realism(&self, realism: Realism) {
        self.shared.real.set(realism);
    }

    /// Makes Firehose refuse the first `n` creations as it does while IAM has not made a new role known to it.
    pub(crate) fn role_not_assumable(&self, n: usize) -> Arc<Rule> {
        let message = "Firehose is unable to assume role. Please check the role provided.".to_owned();
        let failure = Failure::Other { status: 400, code: "InvalidArgumentException", message };
        self.on("firehose:CreateDeliveryStream").first(n).fail(failure)
    }

    /// How many calls were throttled so far for going beyond AWS's rates.
    pub(crate) fn throttled(&self) -> usize {
        self.shared.real.throttled()
    }

    /// From now on every read is asked of the emulator only once, and answered the same ever after.
    pub(crate) fn replay(&self) {
        self.shared.replay.begin();
    }

    /// Puts so many versions of objects, each third a delete marker, and unfinished uploads into every bucket.
    pub(crate) fn crowd(&self, versions: usize, uploads: usize) {
        self.shared.crowd.fill(versions, uploads);
    }

    /// The calls that have ended so far.
    pub(crate) fn calls(&self) -> Calls {
        self.shared.calls.lock().unwrap().clone()
    }

    /// The calls that have ended so far, which are then forgotten.
    pub(crate) fn take_calls(&self) -> Calls {
        std::mem::take(&mut self.shared.calls.lock().unwrap())
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            // A panic in it has been printed; another one here would only hide the test's own.
            let _ = thread.join();
        }
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(connection(stream, Arc::clone(&shared)));
    }
}

/// Why a connection ends without a reply.
#[derive(Debug, thiserror::Error)]
enum Cut {
    #[error("closed on purpose")]
    Close,
    #[error("reset on purpose")]
    Reset,
    #[error("the emulator did not answer")]
    Upstream(#[from] Box<dyn std::error::Error + Send + Sync>),
}

async fn connection(stream: TcpStream, shared: Arc<Shared>) {
    // Closing a socket that does not linger resets the connection.
    let stream = stream.into_std().unwrap();
    let twin = Mutex::new(Some(stream.try_clone().unwrap()));
    let service = service_fn(|request| {
        let (shared, twin) = (&shared, &twin);
        async move {
            let reply = shared.serve(request).await;
            if let (Err(Cut::Reset), Some(twin)) = (&reply, twin.lock().unwrap().take()) {
                TcpStream::from_std(twin).unwrap().set_zero_linger().unwrap();
            }
            reply.map(|reply| reply.map(Full::new))
        }
    });
    let stream = TokioIo::new(TcpStream::from_std(stream).unwrap());
    // It fails where it is cut on purpose and where the client goes away; tests look at what the client saw.
    let _ = server::conn::http1::Builder::new().serve_connection(stream, service).await;
}

impl Shared {
    /// Answers one request, and records it.
    async fn serve(&self, request: Request<Incoming>) -> Result<Response<Bytes>, Cut> {
        let (head, body) = request.into_parts();
        // A client that goes away in the middle of its request made no call.
        let body = body.collect().await.map_err(|_| Cut::Close)?.to_bytes();
        let request = Request::from_parts(head, body);
        let operation = Operation::of(&request);
        let region = operation::region(&request).map(str::to_owned);
        let key = operation::access_key(&request).map(str::to_owned);
        let start = Instant::now();
        let half = *self.delay.lock().unwrap() / 2;
        sleep(half).await;
        let reply = match self.refused(&operation, &request).await {
            Some(reply) => Ok(reply),
            None => self.disturbed(&operation, request).await,
        };
        sleep(half).await;
        let status = reply.as_ref().ok().map(|reply| reply.status().as_u16());
        self.calls.lock().unwrap().0.push(Call { operation, region, key, start, end: Instant::now(), status });
        reply
    }

    /// What AWS would answer to a request that is not as its model says.
    async fn refused(&self, operation: &Operation, request: &Request<Bytes>) -> Option<Response<Bytes>> {
        let owner = match &self.witnessed {
            Witnessed::No => return None,
            Witnessed::ByKey => None,
            Witnessed::Of(account) => Some(account.as_str()),
        };
        let refusal = witness::refuses(request, owner).await?;
        Some(refusal.reply(operation, request.method()))
    }

    /// Does what the script says, and otherwise what the emulator says.
    async fn disturbed(&self, operation: &Operation, request: Request<Bytes>) -> Result<Response<Bytes>, Cut> {
        let actions = self.script.actions(operation, &request);
        let method = request.method().clone();
        for action in &actions {
            match action {
                Action::Delay(by) => sleep(*by).await,
                Action::HoldBefore(gate) => gate.pass().await,
                Action::Refuse => return Err(Cut::Close),
                Action::Reset => return Err(Cut::Reset),
                Action::Fail(failure) => return Ok(failure.reply(operation, &method)),
                Action::Answer(json) => return Ok(Response::new(Bytes::from(json.clone()))),
                Action::HoldAfter(_) | Action::LoseReply | Action::FailAfter(_) => {}
            }
        }
        let reply = self.answered(operation, request).await?;
        for action in &actions {
            match action {
                Action::HoldAfter(gate) => gate.pass().await,
                Action::LoseReply => return Err(Cut::Close),
                Action::FailAfter(failure) => return Ok(failure.reply(operation, &method)),
                _ => {}
            }
        }
        Ok(reply)
    }

    /// What the emulator says, as AWS would say it.
    async fn answered(&self, operation: &Operation, request: Request<Bytes>) -> Result<Response<Bytes>, Cut> {
        let asked = Asked::new(operation, &request);
        let known =
            self.real.before(&asked).or_else(|| self.replay.before(&asked)).or_else(|| self.crowd.before(&asked));
        if let Some(reply) = known {
            return Ok(reply);
        }
        let reply = match self.dialect {
            Dialect::Aws => ministack::reply(operation, self.forward(request).await?),
            Dialect::Moto => moto::reply(operation, self.forward(moto::request(operation, request)).await?),
        };
        self.replay.after(&asked, &reply);
        Ok(self.real.after(&asked, reply))
    }

    async fn forward(&self, mut request: Request<Bytes>) -> Result<Response<Bytes>, Cut> {
        end_to_end_only(request.headers_mut());
        request.headers_mut().remove(CONTENT_LENGTH);
        // To the emulator it is what ends TLS: else a policy that asks for TLS would refuse everything.
        request.headers_mut().insert("x-forwarded-proto", HeaderValue::from_static("https"));
        let method = request.method().clone();
        let reply = exchange(&self.upstream, request).await?;
        let (mut head, body) = reply.into_parts();
        end_to_end_only(&mut head.headers);
        // Only a reply to HEAD has a length that its body does not tell.
        if method != Method::HEAD {
            head.headers.remove(CONTENT_LENGTH);
        }
        Ok(Response::from_parts(head, body))
    }
}

/// Removes what belongs to one connection only.
fn end_to_end_only(headers: &mut HeaderMap) {
    for name in [CONNECTION, TRANSFER_ENCODING, EXPECT, HeaderName::from_static("keep-alive")] {
        headers.remove(name);
    }
}

/// One request and its reply, on a connection of their own.
async fn exchange(
    upstream: &str,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, Box<dyn std::error::Error + Send + Sync>> {
    let stream = TokioIo::new(TcpStream::connect(upstream).await?);
    let (mut sender, connection) = client::conn::http1::handshake(stream).await?;
    // It takes the sender along, as the connection lasts until that is dropped.
    let exchange = async move {
        let (head, body) = sender.send_request(request.map(Full::new)).await?.into_parts();
        Ok(Response::from_parts(head, body.collect().await?.to_bytes()))
    };
    let (reply, ()) = tokio::join!(exchange, async {
        // Its errors are the exchange's too.
        let _ = connection.await;
    });
    reply
}
