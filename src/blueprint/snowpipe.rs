//! A snowpipe becomes an identity that may read its objects, and the notification of each new one.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::bucket::decrypt_objects;
use super::policy::{self, allow, list_below};
use super::{Build, BuildContext};
use crate::catalog::Type;
use crate::catalog::{iam_access_key, iam_user, s3_notification};
use crate::model::graph::{End, What};
use crate::model::policy::Policy;
use crate::spec::Block as _;
use crate::spec::blocks::snowpipe::{Access, Snowpipe};

impl Build for Snowpipe {
    const TYPE: Option<Type> = None;

    fn build(&self, site: &mut BuildContext<'_>) {
        site.flow(self.bucket.address(), What::Data, site.address.clone());
        match self.access {
            Access::User => self.add_user(site),
            Access::Role => self.add_role(site),
            Access::External => {}
        }
        let Some(queue_arn) = &self.queue_arn else {
            let statements = format!("pipectl snowflake-sql --env {}", site.spec.env.name);
            site.note(
                "Snowpipe is not told of new objects: the ARN of its queue is missing",
                format!("run the statements of `{statements}` in Snowflake; set `queue_arn` to the `notification_channel` of SHOW PIPES"),
            );
            return;
        };
        let queue = queue_arn.rsplit(':').next().unwrap_or(queue_arn).to_owned();
        site.flow(site.address.clone(), What::Data, End::Outside { kind: "queue".to_owned(), name: queue });
        if site.is_external(&self.bucket.address()) {
            site.note(
                format!("`{}` is external: its owner has to let it tell Snowpipe's queue of new objects", self.bucket),
                format!(
                    "ask for a notification of s3:ObjectCreated:* with the prefix `{}` to {queue_arn}, beside those that the bucket has",
                    self.prefix
                ),
            );
            return;
        }
        let notification = s3_notification::Spec {
            bucket: site.resolve(&self.bucket).name,
            id: self.notification_id(site.name, site.spec),
            queue_arn: Some(queue_arn.clone()),
            function_arn: None,
            // Not only Put: Firehose uploads large objects in parts.
            events: BTreeSet::from(["s3:ObjectCreated:*".to_owned()]),
            prefix: self.prefix.clone(),
            suffix: String::new(),
        };
        site.add_part("notification", notification, [self.bucket.address()]);
    }

    fn key(&self) -> Option<&str> {
        None
    }
}

impl Snowpipe {
    fn add_user(&self, site: &mut BuildContext<'_>) {
        let name = self.aws_name(site.name, site.spec);
        let user = iam_user::Spec {
            policies: BTreeMap::from([("read".to_owned(), Policy::new(&self.read_policy(site)))]),
            permissions_boundary: site.boundary(),
            tags: site.part_tags("user", &self.tags),
            ..iam_user::Spec::new(&name)
        };
        let user = site.add_part("user", user, []);
        let parameter = self.parameter(site.name, site.spec);
        let key = iam_access_key::Spec {
            user: name.clone(),
            parameter: parameter.clone(),
            kms_key: self.parameter_kms_key.clone(),
            active: true,
            tags: site.part_tags("key", &self.tags),
        };
        site.add_part("key", key, [user]);
        site.output("user_arn", site.scope.global_arn("iam", &format!("user/{name}")));
        site.output("parameter", parameter);
    }

    /// Without the two values that Snowflake gives, nobody could be named in the role's trust policy: then there is
    /// no role yet. Its ARN is known all the same, and all that the storage integration asks for.
    fn add_role(&self, site: &mut BuildContext<'_>) {
        let name = self.aws_name(site.name, site.spec);
        site.output("role_arn", site.scope.global_arn("iam", &format!("role/{name}")));
        let (Some(user), Some(external_id)) = (&self.snowflake_user_arn, &self.external_id) else {
            let statements = format!("pipectl snowflake-sql --env {}", site.spec.env.name);
            site.note(
                "Snowflake cannot read the bucket: its storage integration has yet to be made",
                format!("run the statements of `{statements}` in Snowflake; set `snowflake_user_arn` and `external_id` as DESC STORAGE INTEGRATION shows them"),
            );
            return;
        };
        let trust = json!({
            "Effect": "Allow",
            "Principal": { "AWS": user },
            "Action": "sts:AssumeRole",
            "Condition": { "StringEquals": { "sts:ExternalId": external_id } },
        });
        let description = format!("Lets Snowflake read {} of {}", self.bucket, site.spec.env.name);
        let role = site.role(&name, description, trust, ("read", &self.read_policy(site)), &self.tags);
        site.add_part("role", role, []);
    }

    /// What Snowflake's guide asks for to load: list and read under the prefix, and nothing else.
    fn read_policy(&self, site: &BuildContext<'_>) -> Value {
        let resolved = site.resolve(&self.bucket);
        let bucket = resolved.arn.clone();
        let below = format!("{}*", self.prefix);
        let mut statements = vec![
            allow(&["s3:GetObject", "s3:GetObjectVersion"], &format!("{bucket}/{below}")),
            list_below(&bucket, &self.prefix),
            allow(&["s3:GetBucketLocation"], &bucket),
        ];
        statements.extend(decrypt_objects(&resolved, site.spec, site.scope));
        policy::document(statements)
    }
}
