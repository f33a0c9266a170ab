use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::model::WALL;
use super::{AcquireError, Holder, LOCK, Lease, Lost, ProbeError, Terms, acquire, look, unlock};
use crate::state::blobs::Blobs;
use crate::state::memory::{Call, Fault, Memory};

fn memory() -> (Arc<Memory>, Arc<dyn Blobs>) {
    let memory = Arc::new(Memory::default());
    (Arc::clone(&memory), memory)
}

fn holder(user: &str) -> Holder {
    Holder { process: None, ..Holder::new("pipectl apply plan.json", |name| (name == "USER").then(|| user.to_owned())) }
}

async fn get(blobs: &Arc<dyn Blobs>, user: &str, patience: u64) -> Result<Lease, AcquireError> {
    acquire(blobs, holder(user), Terms::default(), Duration::from_secs(patience), &|_| {}).await
}

#[tokio::test(start_paused = true)]
async fn a_holder_that_renews_is_named_and_left_alone() {
    let (_, blobs) = memory();
    let lease = get(&blobs, "ana", 0).await.unwrap();
    let began = Instant::now();
    let Err(AcquireError::Locked { holder, .. }) = get(&blobs, "bob", 0).await else { panic!("not locked") };
    assert_eq!(holder.unwrap().user, "ana");
    assert!(began.elapsed() < Duration::from_secs(25), "known with the first renewal");
    assert!(lease.holds());
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_stands_still_is_taken_over_after_a_whole_lease_and_not_before() {
    let (_, blobs) = memory();
    drop(get(&blobs, "ana", 0).await.unwrap());
    sleep(Duration::from_mins(10)).await;
    let (began, said) = (Instant::now(), Mutex::new(Vec::new()));
    let say = |waiting: &super::Waiting| said.lock().unwrap().push(waiting.to_string());
    let lease = acquire(&blobs, holder("bob"), Terms::default(), Duration::ZERO, &say).await.unwrap();
    assert!((90..95).contains(&began.elapsed().as_secs()), "our own clock decides: {:?}", began.elapsed());
    assert!(lease.holds());
    let said = said.into_inner().unwrap();
    assert!(
        said[0].starts_with("waiting for ana@") && said[0].ends_with("to renew or expire: 90 s left"),
        "{}",
        said[0]
    );
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_nobody_can_read_is_taken_over_too() {
    let (memory, blobs) = memory();
    memory.put(LOCK, b"\xff", crate::state::blobs::Condition::Absent).await.unwrap();
    assert!(get(&blobs, "bob", 0).await.unwrap().holds());
}

#[tokio::test(start_paused = true)]
async fn the_patient_get_the_lock_when_it_is_released() {
    let (_, blobs) = memory();
    let first = get(&blobs, "ana", 0).await.unwrap();
    let (second, ()) = tokio::join!(get(&blobs, "bob", 600), async {
        sleep(Duration::from_mins(5)).await;
        first.release().await.unwrap();
    });
    assert!(second.unwrap().holds());
}

#[tokio::test(start_paused = true)]
#[cfg(target_os = "linux")]
async fn a_holder_of_this_machine_whose_process_is_gone_is_taken_over_at_once() {
    let (_, blobs) = memory();
    let mut child = std::process::Command::new("sleep").arg("600").spawn().unwrap();
    let process = super::Process::of(child.id());
    drop(
        acquire(&blobs, Holder { process, ..holder("ana") }, Terms::default(), Duration::ZERO, &|_| {}).await.unwrap(),
    );
    child.kill().unwrap();
    child.wait().unwrap();
    let began = Instant::now();
    assert!(get(&blobs, "bob", 0).await.unwrap().holds());
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_released_lock_is_gone() {
    let (_, blobs) = memory();
    let lease = get(&blobs, "ana", 0).await.unwrap();
    sleep(Duration::from_secs(100)).await;
    lease.release().await.unwrap();
    assert_eq!(look(&*blobs).await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_answers_again_in_time_costs_nothing() {
    let (memory, blobs) = memory();
    let lease = get(&blobs, "ana", 0).await.unwrap();
    memory.inject(|_, _| Fault::Failure);
    sleep(Duration::from_secs(75)).await;
    assert!(lease.holds(), "others wait longer");
    memory.inject(|_, _| Fault::None);
    sleep(Duration::from_secs(5)).await;
    assert!(lease.holds());
}

#[tokio::test(start_paused = true)]
async fn a_store_that_stays_away_ends_the_lease_before_others_may_begin() {
    let (memory, blobs) = memory();
    let lease = get(&blobs, "ana", 0).await.unwrap();
    memory.inject(|_, _| Fault::Failure);
    sleep(Duration::from_secs(81)).await;
    assert!(!lease.holds());
    assert!(matches!(lease.lost().await, Lost::Unrenewed(_)));
    assert!(matches!(lease.confirm().await, Err(Lost::Unrenewed(_))));
}

#[tokio::test(start_paused = true)]
async fn a_lost_reply_is_no_lost_lock() {
    for fault in [Fault::LostReply, Fault::RetriedAfterLoss] {
        let (memory, blobs) = memory();
        let lease = get(&blobs, "ana", 0).await.unwrap();
        let mut faults = std::iter::once(fault);
        memory
            .inject(move |call, _| if call == Call::Put { faults.next().unwrap_or(Fault::None) } else { Fault::None });
        sleep(Duration::from_secs(200)).await;
        assert!(lease.holds(), "{fault:?}");
        lease.release().await.unwrap();
        assert_eq!(look(&*blobs).await.unwrap(), None, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_renewal_without_a_reply_does_not_keep_the_lock_from_being_released() {
    let (memory, blobs) = memory();
    let lease = get(&blobs, "ana", 0).await.unwrap();
    memory.inject(|call, _| if call == Call::Put { Fault::LostReply } else { Fault::None });
    sleep(Duration::from_secs(21)).await;
    memory.inject(|_, _| Fault::None);
    lease.release().await.unwrap();
    assert_eq!(look(&*blobs).await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn whoever_is_unlocked_by_force_notices() {
    let (_, blobs) = memory();
    let lease = get(&blobs, "ana", 0).await.unwrap();
    let lock = unlock(&*blobs).await.unwrap().unwrap();
    assert_eq!(lock.holder.unwrap().user, "ana");
    let lost = timeout(Duration::from_secs(25), lease.lost()).await;
    assert!(matches!(lost, Ok(Lost::Taken)));
    assert_eq!(unlock(&*blobs).await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn after_a_sleep_of_the_machine_the_lease_is_renewed_before_anything_is_started() {
    let (_, blobs) = memory();
    let lease = get(&blobs, "ana", 0).await.unwrap();
    WALL.set(WALL.get() + Duration::from_mins(10));
    assert!(!lease.holds());
    lease.confirm().await.unwrap();
    assert!(lease.holds(), "nobody had taken it over");

    unlock(&*blobs).await.unwrap();
    let other = get(&blobs, "bob", 0).await.unwrap();
    WALL.set(WALL.get() + Duration::from_mins(10));
    assert!(matches!(lease.confirm().await, Err(Lost::Taken)));
    other.confirm().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_store_that_ignores_conditions_is_refused() {
    let (memory, blobs) = memory();
    memory.inject(|_, _| Fault::IgnoredCondition);
    let refused = get(&blobs, "ana", 0).await;
    assert!(matches!(refused, Err(AcquireError::Unfit(ProbeError::Ignores { .. }))));
    assert!(matches!(
        super::probe(&*blobs).await,
        Err(ProbeError::Ignores { ignored: "If-None-Match on PutObject", .. })
    ));
    memory.inject(|_, _| Fault::None);
    super::probe(&*blobs).await.unwrap();
}
