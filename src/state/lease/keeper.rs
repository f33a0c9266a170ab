//! The task that renews a lock until it is told to release it.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{oneshot, watch};
use tokio::time::{sleep, timeout};

use super::holder::{Holder, LockFile};
use super::{LOCK, Lease, Lost, Moment, Standing, Terms, machine};
use crate::model::error::{CallError, Class};
use crate::state::blobs::{Blobs, Condition, ETag, PutError, may_pass, put_surely};

/// How often both clocks are looked at: how soon a machine that slept notices.
const TICK: Duration = Duration::from_secs(1);

/// How often a release is tried.
const RELEASES: u32 = 3;

/// Renews one lock.
pub(super) struct Keeper {
    blobs: Arc<dyn Blobs>,
    holder: Holder,
    terms: Terms,
    /// What the store calls the lock as we last wrote it.
    etag: ETag,
    /// When that write was begun: by the store's clock it happened then or later.
    renewed: Moment,
    /// How often it was renewed.
    renewals: u64,
    /// When the next renewal was first tried.
    begun: Option<Moment>,
}

impl Keeper {
    /// Starts renewing a lock that was written as `etag`, not before the moment `written`.
    pub(super) fn start(blobs: &Arc<dyn Blobs>, holder: Holder, terms: Terms, etag: ETag, written: Moment) -> Lease {
        let keeper = Self { blobs: Arc::clone(blobs), holder, terms, etag, renewed: written, renewals: 0, begun: None };
        let (sender, standing) = watch::channel(Standing { renewed: written, lost: None });
        let (stop, stopped) = oneshot::channel();
        Lease { terms, standing, stop, keeper: machine::spawn(keeper.run(sender, stopped)) }
    }

    async fn run(
        mut self,
        standing: watch::Sender<Standing>,
        mut stopped: oneshot::Receiver<()>,
    ) -> Result<(), CallError> {
        let mut due = self.terms.renew;
        loop {
            tokio::select! {
                asked = &mut stopped => return if asked.is_ok() { self.release().await } else { Ok(()) },
                () = self.reached(due) => {}
            }
            match self.renew().await {
                Ok(()) => {
                    due = self.terms.renew;
                    standing.send_modify(|now| now.renewed = self.renewed);
                }
                // Nothing is started on an overdue lease, so there is time to try: a machine that woke up may have no
                // network yet.
                Err(PutError::Failed(_)) if self.begun.is_none_or(|begun| begun.age() < self.terms.ttl) => {
                    due = self.renewed.age() + self.terms.renew / 10;
                }
                Err(error) => {
                    standing.send_modify(|now| now.lost = Some(lost(error)));
                    return Ok(());
                }
            }
        }
    }

    /// Returns once the last renewal is so long ago.
    async fn reached(&self, due: Duration) {
        while let Some(left) = due.checked_sub(self.renewed.age()).filter(|left| !left.is_zero()) {
            sleep(left.min(TICK)).await;
        }
    }

    /// One attempt at the next renewal. A repeated attempt is the same bytes, so never a conflict with an earlier one;
    /// and as the earlier one may be what has happened, the lease counts from the first.
    async fn renew(&mut self) -> Result<(), PutError> {
        let begun = *self.begun.get_or_insert_with(Moment::now);
        let bytes = LockFile::new(&self.holder, self.terms.ttl, self.renewals + 1).render();
        let put = put_surely(&*self.blobs, LOCK, &bytes, Condition::Matches(&self.etag));
        self.etag = self.in_time(put).await?;
        self.renewals += 1;
        self.renewed = begun;
        self.begun = None;
        Ok(())
    }

    async fn release(self) -> Result<(), CallError> {
        let mut etag = self.etag.clone();
        for left in (0..RELEASES).rev() {
            match self.in_time(self.blobs.delete(LOCK, &etag)).await {
                Ok(()) => return Ok(()),
                // Taken over; or a renewal whose reply was lost had happened all the same.
                Err(PutError::Conflict) => match self.ours().await? {
                    Some(ours) => etag = ours,
                    None => return Ok(()),
                },
                Err(PutError::Failed(error)) if left == 0 || !may_pass(&error) => return Err(error),
                Err(PutError::Failed(_)) => sleep(self.terms.renew / 40).await,
            }
        }
        Ok(())
    }

    /// What the store calls the lock now, if it is ours.
    async fn ours(&self) -> Result<Option<ETag>, CallError> {
        let found = self.blobs.get(LOCK).await?;
        let ours = |bytes: &[u8]| LockFile::parse(bytes).is_some_and(|(holder, _)| holder.id == self.holder.id);
        Ok(found.filter(|blob| ours(&blob.bytes)).map(|blob| blob.etag))
    }

    /// A call to the store, given up after the time between two renewals.
    async fn in_time<T>(&self, call: impl Future<Output = Result<T, PutError>>) -> Result<T, PutError> {
        let limit = self.terms.renew;
        timeout(limit, call).await.unwrap_or_else(|_| {
            let message = format!("no answer within {} s", limit.as_secs_f32());
            Err(CallError::own(Class::Unreachable, format!("{}{LOCK}", self.blobs.describe()), message).into())
        })
    }
}

fn lost(error: PutError) -> Lost {
    match error {
        PutError::Conflict => Lost::Taken,
        PutError::Failed(error) => Lost::Unrenewed(error),
    }
}
