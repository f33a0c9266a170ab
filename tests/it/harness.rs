//! The harness itself: the proxy counts and disturbs as it says, and nothing that it starts is left running.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use pipectl::ops::sandbox::install::{Locked, Packages, install, install_locked};
use pipectl::ops::sandbox::server::{Program, Server};
use pipectl::ops::sandbox::{Error, Sandbox, Sql};
use sha2::{Digest as _, Sha256};

use crate::support::cli::Cli;
use crate::support::emulator::{self, Account};
use crate::support::proxy::{Dialect, Failure, Lag, Proxy, Realism, Span, Witnessed};

/// A server that answers every request with the same body, and counts them.
struct Upstream {
    address: String,
    served: Arc<AtomicUsize>,
}

impl Upstream {
    fn start(body: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let served = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&served);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut request = [0; 4096];
                if stream.read(&mut request).unwrap() > 0 {
                    count.fetch_add(1, Ordering::SeqCst);
                    write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()).unwrap();
                }
            }
        });
        Self { address, served }
    }

    fn served(&self) -> usize {
        self.served.load(Ordering::SeqCst)
    }
}

/// Sends what the SDK would, and returns the whole reply.
fn call(proxy: &Proxy, service: &str, head: &str, body: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(proxy.endpoint().trim_start_matches("http://"))?;
    let length = body.len();
    write!(
        stream,
        "{head}\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential=123456789012/20260101/us-east-1/{service}/aws4_request\r\n\r\n{body}"
    )?;
    let mut reply = String::new();
    stream.read_to_string(&mut reply)?;
    Ok(reply)
}

fn kinesis(proxy: &Proxy, operation: &str) -> io::Result<String> {
    let head = format!("POST / HTTP/1.1\r\nX-Amz-Target: Kinesis_20131202.{operation}");
    call(proxy, "kinesis", &head, r#"{"StreamName":"clicks"}"#)
}

fn before(upstream: &Upstream) -> Proxy {
    Proxy::start(&upstream.address, Dialect::Aws, Witnessed::No)
}

#[test]
fn proxy_counts_calls_and_their_depth() {
    let upstream = Upstream::start("{}");
    let proxy = before(&upstream);
    let slow = proxy.on("kinesis:ListStreams").hold_after();
    std::thread::scope(|scope| {
        scope.spawn(|| kinesis(&proxy, "ListStreams").unwrap());
        slow.wait_reached();
        for _ in 0..3 {
            kinesis(&proxy, "DescribeStreamSummary").unwrap();
        }
        slow.release();
    });
    let calls = proxy.take_calls();
    assert_eq!((calls.total(), calls.depth()), (4, 3), "one call beside three that follow each other");
    assert_eq!(calls.of("kinesis:DescribeStreamSummary"), 3);
    assert_eq!(calls.by_operation().len(), 2);
    assert!(calls.0.iter().all(|call| call.status == Some(200)));
    assert_eq!(proxy.calls().total(), 0);
}

#[test]
fn proxy_adds_a_delay_to_each_call() {
    let upstream = Upstream::start("{}");
    let proxy = before(&upstream);
    proxy.delay(Duration::from_millis(60));
    proxy.on("kinesis:CreateStream").delay(Duration::from_millis(40));
    let start = Instant::now();
    kinesis(&proxy, "CreateStream").unwrap();
    assert!(start.elapsed() >= Duration::from_millis(100));
}

#[test]
fn proxy_refuses_resets_and_loses_what_it_is_told_to() {
    let upstream = Upstream::start("{}");
    let proxy = before(&upstream);
    let refusal = proxy.on("kinesis:CreateStream").mentioning("clicks").nth(2).refuse();
    proxy.on("kinesis:DeleteStream").reset();
    proxy.on("kinesis:Add*").lose_reply();
    assert!(kinesis(&proxy, "CreateStream").unwrap().starts_with("HTTP/1.1 200"));
    assert_eq!((kinesis(&proxy, "CreateStream").unwrap(), refusal.struck()), (String::new(), 1));
    assert!(kinesis(&proxy, "CreateStream").unwrap().starts_with("HTTP/1.1 200"));
    assert_eq!(kinesis(&proxy, "DeleteStream").unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    assert_eq!(upstream.served(), 2, "what was refused or reset was not forwarded");
    assert_eq!(kinesis(&proxy, "AddTagsToStream").unwrap(), "");
    assert_eq!(upstream.served(), 3, "the call was made, its reply lost");
    assert_eq!(proxy.calls().0.last().unwrap().status, None);
}

#[test]
fn proxy_asks_the_emulator_only_once_what_it_is_to_remember() {
    let upstream = Upstream::start("{}");
    let proxy = before(&upstream);
    kinesis(&proxy, "ListStreams").unwrap();
    proxy.replay();
    for _ in 0..3 {
        assert!(kinesis(&proxy, "ListStreams").unwrap().ends_with("{}"));
        assert!(kinesis(&proxy, "CreateStream").unwrap().ends_with("{}"));
    }
    assert_eq!(upstream.served(), 1 + 1 + 3, "the read before, the first after, and every write");
    assert_eq!(proxy.calls().total(), 7);
}

#[test]
fn proxy_fails_calls_in_the_shape_of_their_protocol() {
    let upstream = Upstream::start("{}");
    let proxy = before(&upstream);
    proxy.on("kinesis:*").every(2).fail(Failure::Throttled);
    proxy.on("iam:GetRole").fail(Failure::Denied);
    proxy.on("s3:PutObject").first(1).fail(Failure::PreconditionFailed);
    proxy.on("s3:PutObject").nth(2).fail_after(Failure::Internal);
    proxy.on("s3:HeadBucket").fail(Failure::Unavailable);
    proxy.on("s3:DeleteObject").fail(Failure::Conflict);
    assert!(kinesis(&proxy, "ListStreams").unwrap().starts_with("HTTP/1.1 200"));
    let reply = kinesis(&proxy, "ListStreams").unwrap();
    assert!(
        reply.starts_with("HTTP/1.1 400")
            && reply.contains(r#""__type":"LimitExceededException","message":"Rate exceeded"#),
        "{reply}"
    );
    let form = "POST / HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded";
    let reply = call(&proxy, "iam", form, "Action=GetRole").unwrap();
    assert!(reply.starts_with("HTTP/1.1 403") && reply.contains("<ErrorResponse><Error>"), "{reply}");
    let put = || call(&proxy, "s3", "PUT /bucket/state.json HTTP/1.1", "{}").unwrap();
    let reply = put();
    assert!(reply.starts_with("HTTP/1.1 412") && reply.contains("<Error><Code>PreconditionFailed"), "{reply}");
    assert_eq!(upstream.served(), 1);
    assert!(put().contains("<Code>InternalError</Code>"));
    assert_eq!(upstream.served(), 2, "the write was made, and then said to have failed");
    let reply = call(&proxy, "s3", "HEAD /bucket HTTP/1.1", "").unwrap();
    assert!(reply.starts_with("HTTP/1.1 503") && !reply.contains("<Error>"), "{reply}");
    assert!(call(&proxy, "s3", "DELETE /bucket/key HTTP/1.1", "").unwrap().starts_with("HTTP/1.1 409"));
}

#[test]
fn proxy_holds_a_call_before_it_is_made() {
    let upstream = Upstream::start("{}");
    let proxy = before(&upstream);
    let hold = proxy.on("kinesis:CreateStream").hold_before();
    std::thread::scope(|scope| {
        let caller = scope.spawn(|| kinesis(&proxy, "CreateStream").unwrap());
        hold.wait_reached();
        assert_eq!(upstream.served(), 0);
        drop(hold);
        assert!(caller.join().unwrap().starts_with("HTTP/1.1 200"));
    });
    assert_eq!(upstream.served(), 1);
}

#[test]
fn proxy_makes_streams_come_and_go_slowly() {
    let upstream = Upstream::start(r#"{"StreamDescriptionSummary":{"StreamStatus":"ACTIVE"}}"#);
    let proxy = before(&upstream);
    let lag = Lag { stream: Span::Looks(2), deleting: Span::Looks(1), ..Lag::default() };
    proxy.realism(Realism { lag, ..Realism::default() });
    let status = || {
        let reply = kinesis(&proxy, "DescribeStreamSummary").unwrap();
        ["CREATING", "ACTIVE", "DELETING"].into_iter().find(|status| reply.contains(status)).unwrap()
    };
    kinesis(&proxy, "CreateStream").unwrap();
    assert_eq!([status(), status(), status(), status()], ["CREATING", "CREATING", "ACTIVE", "ACTIVE"]);
    kinesis(&proxy, "DeleteStream").unwrap();
    let served = upstream.served();
    assert_eq!((status(), upstream.served()), ("DELETING", served), "nothing is there any more to be asked");
    assert_eq!((status(), upstream.served()), ("ACTIVE", served + 1), "what the emulator says, again");
}

#[test]
fn firehose_refuses_a_new_role_as_often_as_it_is_told_to() {
    let upstream = Upstream::start("{}");
    let proxy = before(&upstream);
    proxy.role_not_assumable(1);
    let create = "POST / HTTP/1.1\r\nX-Amz-Target: Firehose_20150804.CreateDeliveryStream";
    let create = || call(&proxy, "firehose", create, r#"{"DeliveryStreamName":"clicks"}"#).unwrap();
    assert!(create().contains("unable to assume role"));
    assert!(create().starts_with("HTTP/1.1 200"));
}

/// Whether anything listens there.
fn listens(endpoint: &str) -> bool {
    TcpStream::connect(endpoint.trim_start_matches("http://")).is_ok()
}

#[tokio::test]
async fn sandbox_is_gone_once_it_is_stopped_or_dropped() {
    let home = emulator::home();
    let start = || Sandbox::start(&home, Sql::Run, &|line| println!("{line}"));
    let (first, second) = tokio::try_join!(start(), start()).unwrap();
    let (one, two) = (first.endpoint(), second.endpoint());
    assert_ne!(one, two);
    assert!(listens(&one) && listens(&two));
    let mut env = Command::new("env");
    first.equip(&mut env);
    let variables = String::from_utf8(env.output().unwrap().stdout).unwrap();
    assert!(variables.contains(&format!("AWS_ENDPOINT_URL={one}\n")), "{variables}");
    first.stop().await;
    assert!(!listens(&one) && listens(&two));
    drop(second);
    assert!(!listens(&two));
}

/// The interpreter of the tests' MiniStack, below their folder for emulators.
const MINISTACKS_PYTHON: &str = "ministack-1.5.33-duckdb-1.5.6-locked-2026-11-30/bin/python";

#[test]
fn athena_has_what_runs_its_sql() {
    emulator::ministack();
    let import = ["-I", "-c", "from ministack.services import athena; assert athena.get_athena_engine() == 'duckdb'"];
    assert!(Command::new(emulator::home().join(MINISTACKS_PYTHON)).args(import).status().unwrap().success());
}

#[tokio::test]
async fn a_server_that_dies_at_its_start_is_reported_with_its_log() {
    emulator::ministack();
    let python = emulator::home().join(MINISTACKS_PYTHON);
    let program = Program {
        python: &python,
        module: "no_such_module",
        front: None,
        port_variable: "PORT",
        folder_variables: &[],
        environment: &[],
        health: "/",
    };
    let error = Server::start(&program).await.err().expect("there is no such module");
    assert!(matches!(&error, Error::Died { log, .. } if log.contains("No module named no_such_module")), "{error}");
}

#[tokio::test]
async fn an_installation_is_whole_or_not_there() {
    let home = tempfile::tempdir().unwrap();
    let packages = Packages { name: "broken", requirements: &["./no-such-wheel-1.0-py3-none-any.whl"] };
    let ruin = home.path().join("broken.partial/of-an-interrupted-one");
    std::fs::create_dir_all(&ruin).unwrap();
    let error = install(&packages, home.path(), &|_| {}).await.unwrap_err();
    assert!(matches!(&error, Error::Install { output, .. } if output.contains("no-such-wheel")), "{error}");
    assert!(!ruin.exists() && !home.path().join("broken").exists());
}

/// A wheel of one empty module, in a folder; with its SHA-256.
fn wheel(folder: &std::path::Path) -> String {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let files = [
        ("tiny.py", ""),
        ("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n"),
        ("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
        ("tiny-1.0.dist-info/RECORD", "tiny.py,,\ntiny-1.0.dist-info/METADATA,,\ntiny-1.0.dist-info/WHEEL,,\n"),
    ];
    for (name, text) in files {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    let bytes = zip.finish().unwrap().into_inner();
    std::fs::write(folder.join("tiny-1.0-py3-none-any.whl"), &bytes).unwrap();
    hex::encode(Sha256::digest(&bytes))
}

#[tokio::test]
async fn a_locked_package_is_installed_only_with_its_digest() {
    let home = tempfile::tempdir().unwrap();
    let digest = wheel(home.path());
    let list = |digest: &str| -> &'static str {
        let folder = home.path().display();
        format!("--no-index\n--find-links {folder}\ntiny==1.0 --hash=sha256:{digest}\n").leak()
    };
    let other = Locked { name: "other", requirements: list(&"0".repeat(64)) };
    let error = install_locked(&other, home.path(), &|_| {}).await.unwrap_err().to_string();
    assert!(error.to_lowercase().contains("hash") && !home.path().join("other").exists(), "{error}");
    let right = Locked { name: "right", requirements: list(&digest) };
    let python = install_locked(&right, home.path(), &|_| {}).await.unwrap();
    assert!(Command::new(python).args(["-I", "-c", "import tiny"]).status().unwrap().success());
}

/// Not a test by itself: what the next one kills.
#[tokio::test]
#[ignore = "waits a minute to be killed"]
async fn holder_of_a_sandbox() {
    let sandbox = Sandbox::start(&emulator::home(), Sql::Run, &|_| {}).await.unwrap();
    println!("\nsandbox at {}", sandbox.endpoint());
    tokio::time::sleep(Duration::from_mins(1)).await;
}

#[test]
fn sandbox_is_gone_once_its_holder_is_killed() {
    let arguments = ["--exact", "harness::holder_of_a_sandbox", "--ignored", "--nocapture"];
    let mut holder = Command::new(std::env::current_exe().unwrap());
    let mut holder = holder.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(holder.stdout.take().unwrap()).lines();
    let endpoint = lines.map_while(Result::ok).find_map(|line| line.strip_prefix("sandbox at ").map(str::to_owned));
    let endpoint = endpoint.expect("the sandbox starts");
    assert!(listens(&endpoint));
    holder.kill().unwrap();
    holder.wait().unwrap();
    let end = Instant::now() + Duration::from_secs(10);
    while listens(&endpoint) {
        assert!(Instant::now() < end, "it outlived its holder");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// An account sees what it makes, in JSON, XML and CBOR, and nothing of another account.
async fn is_an_account_of_its_own(mine: Account, other: Account) {
    let (mine_aws, other_aws) = (mine.aws(), other.aws());
    assert_eq!(mine_aws.identity().await.unwrap().scope.account, mine.id);
    let kinesis = mine_aws.client(aws_sdk_kinesis::Client::new).await;
    kinesis.create_stream().stream_name("clicks").shard_count(1).send().await.unwrap();
    assert_eq!(kinesis.list_streams().send().await.unwrap().stream_names(), ["clicks"]);
    let others = other_aws.client(aws_sdk_kinesis::Client::new).await;
    assert!(others.list_streams().send().await.unwrap().stream_names().is_empty());
    let s3 = mine_aws.client(aws_sdk_s3::Client::new).await;
    s3.create_bucket().bucket(mine.unique("events")).send().await.unwrap();
    let others = other_aws.client(aws_sdk_s3::Client::new).await;
    assert!(others.list_buckets().send().await.unwrap().buckets().is_empty());
    alarm_reads_back(&mine_aws.client(aws_sdk_cloudwatch::Client::new).await).await;
}

async fn alarm_reads_back(cloudwatch: &aws_sdk_cloudwatch::Client) {
    use aws_sdk_cloudwatch::types::{ComparisonOperator, Statistic};
    let alarm = cloudwatch.put_metric_alarm().alarm_name("late").namespace("AWS/Firehose").metric_name("Age");
    let alarm = alarm.statistic(Statistic::Maximum).period(60).evaluation_periods(3).threshold(900.0);
    alarm.comparison_operator(ComparisonOperator::GreaterThanThreshold).send().await.unwrap();
    let alarms = cloudwatch.describe_alarms().alarm_names("late").send().await.unwrap();
    let alarm = &alarms.metric_alarms()[0];
    assert_eq!((alarm.period(), alarm.evaluation_periods(), alarm.threshold()), (Some(60), Some(3), Some(900.0)));
    assert!(alarm.alarm_configuration_updated_timestamp().is_some());
    let missing = cloudwatch.get_dashboard().dashboard_name("none").send().await.unwrap_err().into_service_error();
    assert!(missing.is_dashboard_not_found_error() || missing.meta().code() == Some("ResourceNotFound"), "{missing:?}");
}

#[tokio::test]
async fn ministack_keeps_accounts_apart() {
    is_an_account_of_its_own(emulator::ministack().account(), emulator::ministack().account()).await;
}

#[tokio::test]
async fn moto_keeps_accounts_apart() {
    is_an_account_of_its_own(emulator::moto().account(), emulator::moto().account()).await;
}

#[tokio::test]
async fn an_account_may_be_put_behind_a_proxy_of_its_own() {
    for emulator in [emulator::ministack(), emulator::moto()] {
        let (account, proxy) = emulator.account().behind_proxy();
        let denied = proxy.on("cloudwatch:DescribeAlarms").fail(Failure::Denied);
        let cloudwatch = account.aws().client(aws_sdk_cloudwatch::Client::new).await;
        let error = cloudwatch.describe_alarms().send().await.unwrap_err().into_service_error();
        assert_eq!((error.meta().code(), denied.struck()), (Some("AccessDeniedException"), 1), "{}", emulator.name);
    }
}

#[test]
fn command_runs_in_a_folder_and_environment_of_its_own() {
    let cli = Cli::new().file("envs/dev.toml", "x").env("A", "b").against(&emulator::ministack().account());
    assert_eq!(cli.read("envs/dev.toml"), "x");
    let unasked = cli.answer(&["--version"], "yes\n").success();
    assert_eq!(cli.run(&["--version"]).success().to_string(), unasked.to_string());
    let running = cli.spawn(&["--help"]);
    running.signal("TERM");
    assert!([0, 143].contains(&running.output().code));
}
