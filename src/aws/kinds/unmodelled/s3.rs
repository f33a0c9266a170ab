//! Beyond the attributes of S3 buckets and of entries in their notifications.

use aws_sdk_s3::types::{BucketAccelerateStatus, Grant, Grantee, Payer};

use super::{list, set};
use crate::aws::bucket::{Bucket as BucketCalls, about};
use crate::aws::error::failed;
use crate::aws::kinds::s3_notification::document::entries;
use crate::aws::kinds::s3_notification::live;
use crate::aws::{Aws, Observed};
use crate::catalog::s3_bucket::{self as bucket, Bucket};
use crate::catalog::s3_notification::{self as notification, Notification};
use crate::model::unmodelled::{Coverage, Look, Owned, Setting, Unmodelled, Weight};

const REPLICATION: Setting = Setting::asked("replication", Weight::TakesOut, "s3:GetReplicationConfiguration")
    .undone_by("aws s3api delete-bucket-replication");
const ACL: Setting =
    Setting::asked("grants of its ACL", Weight::LetsIn, "s3:GetBucketAcl").undone_by("aws s3api put-bucket-acl");
const WEBSITE: Setting = Setting::asked("static website", Weight::LetsIn, "s3:GetBucketWebsite")
    .undone_by("aws s3api delete-bucket-website");
const CORS: Setting =
    Setting::asked("CORS rules", Weight::LetsIn, "s3:GetBucketCORS").undone_by("aws s3api delete-bucket-cors");
const LOG_READERS: Setting = Setting::asked("grants of its access log", Weight::LetsIn, "s3:GetBucketLogging")
    .undone_by("aws s3api put-bucket-logging");
const LOG_FORMAT: Setting = Setting::asked("partitions of its access log", Weight::Other, "s3:GetBucketLogging")
    .undone_by("aws s3api put-bucket-logging");
const INVENTORY: Setting = Setting::asked("inventories", Weight::TakesOut, "s3:GetInventoryConfiguration")
    .undone_by("aws s3api delete-bucket-inventory-configuration");
const NOTIFICATIONS: Setting = Setting::asked("notifications to others", Weight::TakesOut, "s3:GetBucketNotification")
    .undone_by("aws s3api put-bucket-notification-configuration");
const ACCELERATION: Setting = Setting::asked("transfer acceleration", Weight::Costs, "s3:GetAccelerateConfiguration")
    .undone_by("aws s3api put-bucket-accelerate-configuration");
const PAYER: Setting = Setting::asked("requester pays", Weight::Other, "s3:GetBucketRequestPayment")
    .undone_by("aws s3api put-bucket-request-payment");
const LOCK: Setting = Setting::asked("object lock", Weight::Other, "s3:GetBucketObjectLockConfiguration")
    .undone_by("aws s3api put-object-lock-configuration");

impl Observed for Bucket {
    const COVERAGE: &'static Coverage = &Coverage {
        named: &[
            &REPLICATION,
            &ACL,
            &WEBSITE,
            &CORS,
            &LOG_READERS,
            &LOG_FORMAT,
            &INVENTORY,
            &NOTIFICATIONS,
            &ACCELERATION,
            &PAYER,
            &LOCK,
        ],
        not_looked_at: &[
            ("access points", "each has a policy of its own, and S3 lists them by account"),
            ("MFA delete", "it only makes a deletion harder"),
            ("analytics, metrics and intelligent tiering", "they change no object and let nobody in"),
            ("ACLs of objects", "they count for nothing while the bucket's owner owns all objects"),
        ],
    };

    async fn look_closer(aws: &Aws, now: &bucket::Spec, owned: &Owned) -> Look {
        let mut look = Look::default();
        let Some(place) = look.answer(&REPLICATION, BucketCalls::new(aws, &now.name).await) else { return look };
        let (out, open, rest) = tokio::join!(taken_out(&place, owned), open_to(&place), rest(&place));
        look.join(out).join(open).join(rest)
    }

    async fn obstacles(aws: &Aws, now: &bucket::Spec, empty: bool) -> Vec<String> {
        let Ok(place) = BucketCalls::new(aws, &now.name).await else { return Vec::new() };
        let holds = async {
            let held = about!(place, list_object_versions).max_keys(1).send().await;
            held.is_ok_and(|reply| !reply.versions().is_empty() || !reply.delete_markers().is_empty())
        };
        let locked = async {
            let lock = about!(place, get_object_lock_configuration).send().await;
            lock.ok().and_then(|reply| reply.object_lock_configuration).is_some_and(|lock| lock.rule.is_some())
        };
        // What is emptied first may hold anything that is not locked.
        let (holds, locked) = if empty {
            let locked = locked.await;
            (locked && holds.await, locked)
        } else {
            tokio::join!(holds, locked)
        };
        if !holds {
            return Vec::new();
        }
        if locked {
            let held = "it holds objects under object lock, which cannot be deleted before their retention ends";
            return vec![held.to_owned()];
        }
        let held = "it holds objects, old versions or delete markers: `--empty-buckets` deletes them";
        (!empty).then(|| held.to_owned()).into_iter().collect()
    }
}

/// Where its data goes.
async fn taken_out(place: &BucketCalls, owned: &Owned) -> Look {
    let (replication, logging, inventories, notifications) = tokio::join!(
        about!(place, get_bucket_replication).send(),
        about!(place, get_bucket_logging).send(),
        about!(place, list_bucket_inventory_configurations).send(),
        live(place),
    );
    let mut look = Look::default();
    let replication = look.answer(&REPLICATION, replication.map_err(failed("s3 GetBucketReplication")));
    let rules = replication.and_then(|reply| reply.replication_configuration).map(|it| it.rules).unwrap_or_default();
    let to = rules.into_iter().filter_map(|rule| rule.destination).map(|to| {
        let account = to.account.map(|account| format!(" of account {account}")).unwrap_or_default();
        REPLICATION.is(format!("to {}{account}", to.bucket))
    });
    look.found(to.collect::<Vec<_>>());
    let logging = look.answer(&LOG_READERS, logging.map_err(failed("s3 GetBucketLogging")));
    if let Some(log) = logging.and_then(|reply| reply.logging_enabled) {
        let readers = log.target_grants.unwrap_or_default();
        let readers = readers.iter().map(|grant| {
            let permission = grant.permission().map_or("?", |permission| permission.as_str());
            LOG_READERS.is(format!("{permission} to {}", grant.grantee().map_or("somebody", grantee)))
        });
        look.found(readers.collect::<Vec<_>>());
        let partitions = log.target_object_key_format.and_then(|format| format.partitioned_prefix);
        let by = partitions.map(|by| by.partition_date_source.map_or("date".to_owned(), |by| by.as_str().to_owned()));
        look.found(set(&LOG_FORMAT, by));
    }
    let inventories = look.answer(&INVENTORY, inventories.map_err(failed("s3 ListBucketInventoryConfigurations")));
    let inventories = inventories.and_then(|reply| reply.inventory_configuration_list).into_iter().flatten();
    let inventories = inventories.filter_map(|one| one.destination?.s3_bucket_destination).map(|to| to.bucket);
    look.found(inventories.map(|to| INVENTORY.is(format!("to {to}"))).collect::<Vec<_>>());
    let notifications = look.answer(&NOTIFICATIONS, notifications).flatten();
    let others = notifications.iter().flat_map(|live| {
        let ours =
            |id: Option<&str>| id.is_some_and(|id| owned.has("s3_notification", &format!("{}|{id}", place.name)));
        let others = entries(live).filter(move |entry| !ours(entry.id));
        let bridge = live.event_bridge_configuration().map(|_| "to EventBridge".to_owned());
        let others =
            others.map(|entry| format!("{} to {}", entry.id.unwrap_or("an entry without an id"), entry.target));
        others.chain(bridge)
    });
    look.found(others.map(|one| NOTIFICATIONS.is(one)).collect::<Vec<_>>());
    look
}

/// Whom it is open to.
async fn open_to(place: &BucketCalls) -> Look {
    let (acl, website, cors) = tokio::join!(
        about!(place, get_bucket_acl).send(),
        about!(place, get_bucket_website).send(),
        about!(place, get_bucket_cors).send(),
    );
    let mut look = Look::default();
    if let Some(acl) = look.answer(&ACL, acl.map_err(failed("s3 GetBucketAcl"))) {
        let owner = acl.owner().and_then(|owner| owner.id());
        look.found(acl.grants().iter().filter_map(|grant| granted(grant, owner)).collect::<Vec<_>>());
    }
    let website = look.answer(&WEBSITE, website.map_err(failed("s3 GetBucketWebsite")));
    let website = website.map(|reply| match reply.redirect_all_requests_to {
        Some(to) => format!("redirects to {}", to.host_name),
        None => "it serves its objects".to_owned(),
    });
    look.found(set(&WEBSITE, website));
    let cors = look.answer(&CORS, cors.map_err(failed("s3 GetBucketCors")));
    let rules = cors.and_then(|reply| reply.cors_rules).into_iter().flatten();
    let rules =
        rules.map(|rule| format!("{} from {}", rule.allowed_methods.join(", "), rule.allowed_origins.join(", ")));
    look.found(rules.map(|rule| CORS.is(rule)).collect::<Vec<_>>());
    look
}

fn grantee(to: &Grantee) -> &str {
    to.uri().or(to.id()).or(to.email_address()).unwrap_or("somebody")
}

/// A grant of an ACL to anybody but the owner.
fn granted(grant: &Grant, owner: Option<&str>) -> Option<Unmodelled> {
    let to = grant.grantee()?;
    let who = grantee(to);
    let permission = grant.permission().map_or("?", |permission| permission.as_str());
    (owner.is_none() || to.id() != owner).then(|| ACL.is(format!("{permission} to {who}")))
}

async fn rest(place: &BucketCalls) -> Look {
    let (acceleration, payer, locking) = tokio::join!(
        about!(place, get_bucket_accelerate_configuration).send(),
        about!(place, get_bucket_request_payment).send(),
        about!(place, get_object_lock_configuration).send(),
    );
    let mut look = Look::default();
    let acceleration = look.answer(&ACCELERATION, acceleration.map_err(failed("s3 GetBucketAccelerateConfiguration")));
    let on = acceleration.and_then(|reply| reply.status).filter(|status| *status == BucketAccelerateStatus::Enabled);
    look.found(set(&ACCELERATION, on));
    let payer = look.answer(&PAYER, payer.map_err(failed("s3 GetBucketRequestPayment")));
    look.found(set(&PAYER, payer.and_then(|reply| reply.payer).filter(|payer| *payer == Payer::Requester)));
    let retained = look.answer(&LOCK, locking.map_err(failed("s3 GetObjectLockConfiguration")));
    let retained = retained.and_then(|reply| reply.object_lock_configuration).map(|lock| {
        let retention = lock.rule.and_then(|rule| rule.default_retention);
        let period = |retention: aws_sdk_s3::types::DefaultRetention| {
            let mode = retention.mode.as_ref().map_or("?", |mode| mode.as_str()).to_owned();
            let days = retention.days.map(|days| format!("{days} days"));
            list([Some(mode), days, retention.years.map(|years| format!("{years} years"))].into_iter().flatten())
        };
        retention.and_then(period).unwrap_or_else(|| "without a default retention".to_owned())
    });
    look.found(set(&LOCK, retained));
    look
}

impl Observed for Notification {
    const COVERAGE: &'static Coverage =
        &Coverage { named: &[], not_looked_at: &[("entries of others", "the bucket names them")] };

    async fn look_closer(_aws: &Aws, _now: &notification::Spec, _owned: &Owned) -> Look {
        Look::default()
    }

    async fn obstacles(_aws: &Aws, _now: &notification::Spec, _empty: bool) -> Vec<String> {
        Vec::new()
    }
}
