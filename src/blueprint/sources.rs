//! What a function reads or is told of becomes what connects the two, and what the function's role may do for it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::bucket::decrypt_objects;
use super::policy::{Through, allow, use_key};
use super::{BuildContext, table};
use crate::catalog::lambda_event_source_mapping::Spec as Mapping;
use crate::catalog::{lambda_permission, s3_notification, sns_subscription};
use crate::model::address::Address;
use crate::spec::blocks::function::{FilterOn, Function, Source, StartingPosition};
use crate::spec::blocks::queue::Queue;
use crate::spec::check::Block as _;
use crate::spec::uses::{Access, Use};
use crate::spec::{Ref, filter};

/// Connects a function with all its sources.
pub(super) fn add(function: &Function, site: &mut BuildContext<'_>, name: &str, role_arn: &str) {
    let first = function.source.iter().map(|source| Connection { source, name, role_arn, more: false });
    let more = function.sources.iter().map(|source| Connection { source, name, role_arn, more: true });
    for connection in first.chain(more) {
        if connection.source.reads_bucket() {
            connection.add_notification(site);
        } else if connection.source.hears_topic() {
            connection.add_subscription(site);
        } else {
            connection.add_mapping(site);
        }
    }
}

/// A function and one of its sources.
struct Connection<'a> {
    source: &'a Source,
    /// The function's name in AWS.
    name: &'a str,
    role_arn: &'a str,
    /// Whether it is one of `sources`, whose parts are told apart by the source.
    more: bool,
}

impl Connection<'_> {
    /// What a part of the block is called.
    fn part(&self, part: &str) -> String {
        if self.more { format!("{part}:{}", self.source.from) } else { part.to_owned() }
    }

    /// The id of the statement that lets the source call the function.
    fn statement_id(&self, site: &BuildContext<'_>) -> String {
        let id = format!("{}-{}", self.source.from.kind(), site.first_name());
        if self.more { format!("{id}-{}", self.source.from.name()) } else { id }
    }

    /// Adds the mapping: Lambda reads the source for the function.
    fn add_mapping(&self, site: &mut BuildContext<'_>) {
        let source = self.source;
        let mapping = Mapping {
            function: self.name.to_owned(),
            source_arn: site.resolve(&source.from).arn,
            stream_view: None,
            starting_position: None,
            role_arn: self.role_arn.to_owned(),
            enabled: source.enabled,
            batch_size: source.batch_size(),
            window_seconds: source.window_seconds,
            max_concurrency: None,
            parallelization: 1,
            bisect_on_error: false,
            report_failures: source.report_failures,
            retries: None,
            max_age_seconds: None,
            failure_arn: None,
            filters: source.patterns(),
            tumbling_window_seconds: source.tumbling_window_seconds,
        };
        let mapping = if source.reads_queue() {
            Mapping { max_concurrency: source.max_concurrency, ..mapping }
        } else {
            of_stream(site, source, mapping)
        };
        let failures = source.failures_to.as_ref().map(Ref::address);
        let needs: Vec<Address> = [site.address.clone(), source.from.address()].into_iter().chain(failures).collect();
        site.add_part(&self.part("source"), mapping, needs);
    }

    /// Lets a service call the function for the source.
    fn permit(&self, site: &mut BuildContext<'_>, service: &str, source_account: Option<String>) -> Address {
        let permission = lambda_permission::Spec {
            function: self.name.to_owned(),
            statement_id: self.statement_id(site),
            principal: format!("{service}.amazonaws.com"),
            source_arn: Some(site.resolve(&self.source.from).arn),
            source_account,
            api: None,
        };
        site.add_part(&self.part("permission"), permission, [site.address.clone()])
    }

    /// Adds what makes SNS call the function for each message, once it may.
    fn add_subscription(&self, site: &mut BuildContext<'_>) {
        let source = self.source;
        let permission = self.permit(site, "sns", None);
        let topic = site.resolve(&source.from);
        let function = site.scope.arn("lambda", &format!("function:{}", self.name));
        let subscription = sns_subscription::Spec {
            filter: filter::policy(&source.filter),
            filter_scope: (source.filter_on == Some(FilterOn::Body)).then(|| "MessageBody".to_owned()),
            ..sns_subscription::Spec::new(&topic.arn, "lambda", &function)
        };
        let needs = [source.from.address(), site.address.clone(), permission];
        site.add_part(&self.part("subscription"), subscription, needs);
        if topic.foreign {
            site.note(
                format!("`{}` calls the function only once its owner lets this account subscribe", source.from),
                format!("its policy has to allow account {} the action sns:Subscribe", site.scope.account),
            );
        }
    }

    /// Adds what makes S3 call the function for new objects. S3 refuses an entry whose destination it may not call: the
    /// permission is there before the entry, and goes after it.
    fn add_notification(&self, site: &mut BuildContext<'_>) {
        let bucket = site.resolve(&self.source.from);
        // A bucket's ARN says no account, and its name is anybody's once it is deleted.
        let permission = self.permit(site, "s3", Some(site.scope.account.clone()));
        let notification = s3_notification::Spec {
            bucket: bucket.name,
            // A snowpipe may have the same name.
            id: format!("pipectl-{}-function-{}", site.spec.env.name, site.first_name()),
            queue_arn: None,
            function_arn: Some(site.scope.arn("lambda", &format!("function:{}", self.name))),
            events: BTreeSet::from(["s3:ObjectCreated:*".to_owned()]),
            prefix: self.source.prefix().to_owned(),
            suffix: self.source.suffix().to_owned(),
        };
        let needs = [self.source.from.address(), site.address.clone(), permission];
        site.add_part(&self.part("notification"), notification, needs);
    }
}

/// What is said of streams alone.
fn of_stream(site: &BuildContext<'_>, source: &Source, mapping: Mapping) -> Mapping {
    let position = match source.starting_position {
        Some(StartingPosition::Latest) => "LATEST",
        Some(StartingPosition::TrimHorizon) | None => "TRIM_HORIZON",
    };
    let table = site.spec.blocks.table.own().get(source.from.name()).filter(|_| source.reads_table());
    Mapping {
        stream_view: table.and_then(|table| table.stream).map(|view| table::view(view).to_owned()),
        starting_position: Some(position.to_owned()),
        parallelization: source.parallelization.unwrap_or(1),
        bisect_on_error: source.bisect_on_error.unwrap_or(true),
        retries: source.retries,
        max_age_seconds: source.max_age_seconds,
        failure_arn: source.failures_to.as_ref().map(|to| site.resolve(to).arn),
        ..mapping
    }
}

/// What the role has to be allowed for a source beyond what other blocks may be used for.
pub(super) fn statements(site: &BuildContext<'_>, source: &Source) -> Vec<Value> {
    if source.reads_bucket() {
        return objects(site, source);
    }
    if source.reads_table() { changes(site, source) } else { Vec::new() }
}

/// What a function that is told of objects may do: read those.
fn objects(site: &BuildContext<'_>, source: &Source) -> Vec<Value> {
    let bucket = site.resolve(&source.from);
    let own = allow(&["s3:GetObject"], &format!("{}/{}*", bucket.arn, source.prefix()));
    [own].into_iter().chain(decrypt_objects(&bucket, site.spec, site.scope)).collect()
}

/// What a function that gets the changes of a table may do: read its stream, whose name AWS makes up.
fn changes(site: &BuildContext<'_>, source: &Source) -> Vec<Value> {
    let table = site.resolve(&source.from);
    let actions =
        ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"];
    let own = allow(&actions, &format!("{}/stream/*", table.arn));
    let decrypt = |key: &str| use_key(site.scope, key, &["kms:Decrypt"], &Through::dynamodb(&table.name));
    let key = table.key.as_deref().and_then(decrypt);
    [own].into_iter().chain(key).collect()
}

/// What a function uses for a source: the stream or queue itself, and whom Lambda tells as that role of what was given up.
pub(super) fn uses(source: &Source) -> Vec<Use> {
    let read = match (source.reads_stream() && !source.reads_table(), source.reads_queue()) {
        (true, _) => Some(use_of(&source.from, Access::Read)),
        (false, true) => Some(use_of(&source.from, Access::Receive)),
        (false, false) => None,
    };
    let told = source
        .failures_to
        .as_ref()
        .map(|to| use_of(to, if to.kind() == Queue::KIND { Access::Send } else { Access::Publish }));
    read.into_iter().chain(told).collect()
}

pub(super) fn use_of<T>(block: &Ref<T>, access: Access) -> Use {
    Use { kind: block.kind().to_owned(), name: block.name().to_owned(), prefix: String::new(), access }
}
