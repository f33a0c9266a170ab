//! One contract for every store of states, and what only S3 can show: lost replies, races in flight, lookups in SSM.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use pipectl::aws::Aws;
use pipectl::aws::bootstrap::{BootstrapError, Done, Outcome, StatePlace, bootstrap};
use pipectl::aws::location::{Location, LocationError, Parameters};
use pipectl::model::error::Class;
use pipectl::model::scope::Scope;
use pipectl::state::State;
use pipectl::state::blobs::{Blobs, Condition, ETag, PutError};
use pipectl::state::lease::{AcquireError, Holder, Terms, acquire, look, probe};
use pipectl::state::local::Local;
use pipectl::state::memory::Memory;
use pipectl::state::store::{StateError, StateStore, Versioned};

use crate::support::emulator::{self, Account, Emulator};
use crate::support::proxy::Failure;

const KEY: &str = "state.json";

fn emulators() -> [&'static Emulator; 2] {
    [emulator::ministack(), emulator::moto()]
}

/// A versioned bucket in a new account, and where in it the states are.
async fn bucket(account: &Account) -> Location {
    let (s3, name) = (account.aws().client(aws_sdk_s3::Client::new).await, account.unique("state"));
    s3.create_bucket().bucket(&name).send().await.unwrap();
    let on = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
    s3.put_bucket_versioning().bucket(&name).versioning_configuration(on).send().await.unwrap();
    Location::new(&name, "pipectl/clicks").unwrap()
}

fn store(location: &Location, aws: &Arc<Aws>) -> StateStore {
    StateStore::new(Arc::new(location.blobs(aws, "dev")), "acme", "dev")
}

fn new_state() -> Versioned {
    Versioned::new(State::empty("acme", "dev", Scope::new("123456789012", "us-east-1")))
}

async fn put(blobs: &dyn Blobs, text: &str, condition: Condition<'_>) -> Option<ETag> {
    match blobs.put(KEY, text.as_bytes(), condition).await {
        Ok(etag) => Some(etag),
        Err(PutError::Conflict) => None,
        Err(PutError::Failed(error)) => panic!("{error}"),
    }
}

async fn text(blobs: &dyn Blobs) -> Option<String> {
    blobs.get(KEY).await.unwrap().map(|blob| String::from_utf8(blob.bytes).unwrap())
}

async fn keeps_the_contract(blobs: &dyn Blobs) {
    keeps_conditions(blobs).await;
    lets_one_of_many_win(blobs).await.unwrap();
}

async fn an_emulator_keeps_the_contract(blobs: &dyn Blobs) {
    keeps_conditions(blobs).await;
    lets_one_of_many_win_in_the_end(blobs).await;
}

async fn keeps_conditions(blobs: &dyn Blobs) {
    writes_only_under_its_condition(blobs).await;
    deletes_only_under_its_condition(blobs).await;
    probe(blobs).await.unwrap();
    assert!(blobs.describe().ends_with('/'), "{}", blobs.describe());
}

#[tokio::test]
async fn that_a_place_honours_conditions_is_remembered_beside_its_state_and_nowhere_else() {
    for emulator in emulators() {
        let account = emulator.account();
        let (aws, here) = (account.aws(), bucket(&account).await);
        let loaded = async |location: &Location| {
            let blobs = Arc::new(location.blobs(&aws, "dev"));
            assert!(!blobs.is_proven(), "nothing was read yet");
            let found = StateStore::new(Arc::clone(&blobs) as Arc<dyn Blobs>, "acme", "dev").load().await.unwrap();
            (found.unwrap(), blobs)
        };
        store(&here, &aws).save(&mut new_state()).await.unwrap();
        let (mut versioned, blobs) = loaded(&here).await;
        assert!(!blobs.is_proven(), "nobody has tried it out");
        blobs.prove();
        StateStore::new(blobs, "acme", "dev").save(&mut versioned).await.unwrap();
        assert!(loaded(&here).await.1.is_proven(), "{}", emulator.name);
        // A copy takes along what was written down, which is not true of where it is now.
        let s3 = aws.client(aws_sdk_s3::Client::new).await;
        let elsewhere = Location::new(&account.unique("elsewhere"), &here.folder).unwrap();
        s3.create_bucket().bucket(&elsewhere.bucket).send().await.unwrap();
        let key = format!("{}/dev/state.json", here.folder);
        let copy = s3.copy_object().copy_source(format!("{}/{key}", here.bucket)).bucket(&elsewhere.bucket).key(key);
        copy.send().await.unwrap();
        assert!(!loaded(&elsewhere).await.1.is_proven(), "{}", emulator.name);
        // A write by whoever does not know leaves nothing behind that says so.
        store(&here, &aws).save(&mut loaded(&here).await.0).await.unwrap();
        assert!(!loaded(&here).await.1.is_proven(), "{}", emulator.name);
    }
}

async fn writes_only_under_its_condition(blobs: &dyn Blobs) {
    assert_eq!(text(blobs).await, None);
    let nobody = ETag::new("\"0123456789abcdef0123456789abcdef\"");
    assert_eq!(put(blobs, "one", Condition::Matches(&nobody)).await, None, "there is nothing to match");
    let one = put(blobs, "one", Condition::Absent).await.expect("nothing was there");
    assert_eq!(blobs.get(KEY).await.unwrap().unwrap().etag, one);
    assert_eq!(put(blobs, "other", Condition::Absent).await, None);
    let two = put(blobs, "two", Condition::Matches(&one)).await.expect("it was as it was read");
    assert_ne!(one, two);
    assert_eq!(put(blobs, "three", Condition::Matches(&one)).await, None);
    assert_eq!(text(blobs).await.as_deref(), Some("two"));
    if let Some(versions) = blobs.versions(KEY).await.unwrap() {
        assert_eq!(versions.iter().map(|version| version.latest).collect::<Vec<_>>(), [true, false]);
        assert_eq!(versions[1].size, 3);
        assert_eq!(blobs.get_version(KEY, &versions[1].id).await.unwrap().as_deref(), Some(&b"one"[..]));
    }
}

async fn deletes_only_under_its_condition(blobs: &dyn Blobs) {
    let two = blobs.get(KEY).await.unwrap().unwrap().etag;
    let three = put(blobs, "three", Condition::Matches(&two)).await.unwrap();
    assert!(matches!(blobs.delete(KEY, &two).await, Err(PutError::Conflict)));
    blobs.delete(KEY, &three).await.unwrap();
    assert_eq!(text(blobs).await, None);
    blobs.delete(KEY, &three).await.expect("what is gone counts as deleted");
}

async fn lets_one_of_many_win(blobs: &dyn Blobs) -> Result<(), String> {
    let names: Vec<String> = (0..16).map(|writer| format!("writer {writer}")).collect();
    let created = futures_util::future::join_all(names.iter().map(|name| put(blobs, name, Condition::Absent))).await;
    let winners: Vec<&ETag> = created.iter().flatten().collect();
    if winners.len() != 1 {
        return Err(format!("{} of those who create have won", winners.len()));
    }
    let etag = winners[0];
    let texts: Vec<String> = names.iter().map(|name| format!("{name} again")).collect();
    let writes = texts.iter().map(|text| put(blobs, text, Condition::Matches(etag)));
    let replaced = futures_util::future::join_all(writes).await;
    let winners: Vec<usize> = (0..replaced.len()).filter(|writer| replaced[*writer].is_some()).collect();
    let [winner] = winners[..] else { return Err(format!("{} of those who replace have won", winners.len())) };
    assert_eq!(text(blobs).await, Some(texts[winner].clone()));
    Ok(())
}

/// The same of an emulator, which looks and writes in two steps: where two of its threads meet between them, it is asked again. S3
/// itself lets one win (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>).
async fn lets_one_of_many_win_in_the_end(blobs: &dyn Blobs) {
    let mut told = Vec::new();
    for _ in 0..5 {
        let Err(why) = lets_one_of_many_win(blobs).await else { return };
        told.push(why);
        let there = blobs.get(KEY).await.unwrap().unwrap();
        blobs.delete(KEY, &there.etag).await.unwrap();
    }
    panic!("{told:?}");
}

#[tokio::test]
async fn memory_keeps_the_contract() {
    keeps_the_contract(&Memory::default()).await;
}

#[tokio::test]
async fn a_folder_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    keeps_the_contract(&Local::new(folder.path().join("made/when/needed"))).await;
}

/// A folder takes nothing that it would not give back: a state of more than that could never be read again.
#[tokio::test]
async fn a_folder_refuses_what_it_could_not_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let local = Local::new(folder.path().join("dev"));
    let large = vec![b' '; (64 << 20) + 1];
    let refused = local.put("state.json", &large, Condition::Absent).await;
    assert!(matches!(refused, Err(PutError::Failed(error)) if error.message.contains("more than 64 MiB")));
    assert!(local.get("state.json").await.unwrap().is_none());
    local.put("state.json", &large[1..], Condition::Absent).await.unwrap();
    assert!(local.get("state.json").await.unwrap().is_some());
}

#[tokio::test]
async fn s3_keeps_the_contract() {
    for emulator in emulators() {
        println!("{}", emulator.name);
        let account = emulator.account();
        an_emulator_keeps_the_contract(&bucket(&account).await.blobs(&account.aws(), "dev")).await;
    }
}

#[tokio::test]
async fn a_missing_bucket_is_not_an_empty_state() {
    for emulator in emulators() {
        let account = emulator.account();
        let location = Location::new(&account.unique("nowhere"), "pipectl").unwrap();
        let error = store(&location, &account.aws()).load().await.unwrap_err();
        assert!(matches!(&error, StateError::Read { source, .. } if source.class == Class::Absent), "{error:?}");
        assert_eq!(error.help(), "`pipectl bootstrap` makes the bucket");
    }
}

#[tokio::test]
async fn a_reply_that_s3_lost_is_no_conflict() {
    for emulator in emulators() {
        let (account, proxy) = emulator.account().behind_proxy();
        let location = bucket(&account).await;
        let store = store(&location, &account.aws());
        let lost = proxy.on("s3:PutObject").first(1).lose_reply();
        let mut versioned = new_state();
        store.save(&mut versioned).await.unwrap();
        assert_eq!(lost.struck(), 1);
        assert_eq!(store.load().await.unwrap(), Some(versioned.clone()), "{}", emulator.name);
        let failed = proxy.on("s3:PutObject").first(1).fail_after(Failure::Internal);
        store.save(&mut versioned).await.unwrap();
        assert_eq!((failed.struck(), versioned.state.serial), (1, 2));
        assert_eq!(store.history().await.unwrap().unwrap().len(), 2, "each was written once");
    }
}

#[tokio::test]
async fn a_write_that_met_another_one_is_made_again() {
    let (account, proxy) = emulator::ministack().account().behind_proxy();
    let store = store(&bucket(&account).await, &account.aws());
    let met = proxy.on("s3:PutObject").first(2).fail(Failure::Conflict);
    store.save(&mut new_state()).await.unwrap();
    assert_eq!(met.struck(), 2);
}

#[tokio::test]
async fn a_state_that_another_has_written_is_not_overwritten() {
    for emulator in emulators() {
        let account = emulator.account();
        let store = store(&bucket(&account).await, &account.aws());
        let mut mine = new_state();
        store.save(&mut mine).await.unwrap();
        let mut theirs = store.load().await.unwrap().unwrap();
        store.save(&mut theirs).await.unwrap();
        assert!(matches!(store.save(&mut mine).await, Err(StateError::Conflict { .. })));
        let mut new = new_state();
        assert!(matches!(store.save(&mut new).await, Err(StateError::Conflict { .. })));
        assert_eq!(store.load().await.unwrap(), Some(theirs));
        let first = store.history().await.unwrap().unwrap().pop().unwrap();
        assert_eq!(store.at(&first.id).await.unwrap().unwrap().serial, 1);
    }
}

#[tokio::test]
async fn one_holds_the_lock_in_s3_and_renews_it() {
    let terms = Terms { ttl: Duration::from_secs(3), renew: Duration::from_millis(600) };
    for emulator in emulators() {
        let account = emulator.account();
        let blobs: Arc<dyn Blobs> = Arc::new(bucket(&account).await.blobs(&account.aws(), "dev"));
        let holder = |command: &str| Holder::new(command, |_| None);
        let lease = acquire(&blobs, holder("first"), terms, Duration::ZERO, &|_| {}).await.unwrap();
        let second = acquire(&blobs, holder("second"), terms, Duration::ZERO, &|_| {}).await;
        let Err(AcquireError::Locked { holder: Some(found), .. }) = second else { panic!("two hold the lock") };
        assert_eq!(found.command, "first");
        assert!(lease.holds());
        lease.release().await.unwrap();
        assert_eq!(look(&*blobs).await.unwrap(), None);
        let crashed = acquire(&blobs, Holder { process: None, ..holder("crashed") }, terms, Duration::ZERO, &|_| {});
        drop(crashed.await.unwrap());
        let next = acquire(&blobs, holder("next"), terms, Duration::ZERO, &|_| {}).await.unwrap();
        next.release().await.unwrap();
    }
}

fn place(account: &Account) -> StatePlace {
    let parameters = Parameters { bucket: "/acme/state/bucket".into(), folder: "/acme/state/folder".into() };
    let location = Location::new(&account.unique("acme-state"), "pipectl/clicks").unwrap();
    StatePlace { location, parameters: Some(parameters), keep_days: 90 }
}

fn outcomes(done: &[Done]) -> Vec<&Outcome> {
    done.iter().map(|done| &done.outcome).collect()
}

#[tokio::test]
async fn bootstrap_makes_what_is_missing_and_only_that() {
    use Outcome::{Changed, Made, Unchanged};
    for emulator in emulators() {
        let account = emulator.account();
        let (aws, place) = (account.aws(), place(&account));
        let parameters = place.parameters.clone().unwrap();
        let Err(LocationError::Missing { names, region }) = parameters.locate(&aws).await else {
            panic!("not missing")
        };
        assert_eq!(names, ["/acme/state/bucket", "/acme/state/folder"]);
        assert_eq!(region, emulator::REGION);

        assert_eq!(outcomes(&bootstrap(&aws, &place).await.unwrap()), [&Made; 3], "{}", emulator.name);
        assert_eq!(parameters.locate(&aws).await.unwrap(), place.location);
        assert_eq!(outcomes(&bootstrap(&aws, &place).await.unwrap()), [&Unchanged; 3], "{}", emulator.name);
        let longer = StatePlace { keep_days: 365, ..place.clone() };
        let done = bootstrap(&aws, &longer).await.unwrap();
        assert_eq!(outcomes(&done), [&Changed, &Unchanged, &Unchanged]);
        assert_eq!(done[0].to_string(), format!("bucket {}: changed", place.location.bucket));
        an_emulator_keeps_the_contract(&place.location.blobs(&aws, "dev")).await;
    }
}

#[tokio::test]
async fn bootstrap_overwrites_no_parameter() {
    for emulator in emulators() {
        let account = emulator.account();
        let (aws, place) = (account.aws(), place(&account));
        bootstrap(&aws, &place).await.unwrap();
        let elsewhere = Location::new(&account.unique("another"), "pipectl").unwrap();
        let error = bootstrap(&aws, &StatePlace { location: elsewhere.clone(), ..place.clone() }).await.unwrap_err();
        assert!(matches!(&error, BootstrapError::Taken { value, .. } if *value == place.location.bucket), "{error}");
        let s3 = aws.client(aws_sdk_s3::Client::new).await;
        assert!(s3.head_bucket().bucket(&elsewhere.bucket).send().await.is_err(), "nothing was made");
    }
}

#[tokio::test]
async fn bootstrap_leaves_the_settings_of_other_buckets_alone() {
    for emulator in emulators() {
        let account = emulator.account();
        let (aws, place) = (account.aws(), place(&account));
        let s3 = aws.client(aws_sdk_s3::Client::new).await;
        s3.create_bucket().bucket(&place.location.bucket).send().await.unwrap();
        let done = bootstrap(&aws, &place).await.unwrap();
        assert!(matches!(&done[0].outcome, Outcome::LeftAlone(lack) if lack.contains("versioning")), "{done:?}");
        let policy = s3.get_bucket_policy().bucket(&place.location.bucket).send().await;
        assert!(policy.is_err(), "no policy was put");
    }
}
