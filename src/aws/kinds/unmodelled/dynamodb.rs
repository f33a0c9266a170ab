//! Beyond the attributes of DynamoDB tables.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{ContributorInsightsStatus, DestinationStatus, TableClass, TableDescription};

use super::{list, set, statements};
use crate::aws::error::failed;
use crate::aws::{Aws, Observed};
use crate::catalog::dynamodb_table::{self as table, Table};
use crate::model::unmodelled::{Coverage, Look, Owned, Setting, Unmodelled, Weight};

const REPLICAS: Setting = Setting::shown("replicas", Weight::TakesOut).undone_by("aws dynamodb update-table");
const CLASS: Setting = Setting::shown("table class", Weight::Costs).undone_by("aws dynamodb update-table");
const LIMITS: Setting =
    Setting::shown("on-demand throughput limits", Weight::ChangesData).undone_by("aws dynamodb update-table");
const POLICY: Setting = Setting::asked("resource policy", Weight::LetsIn, "dynamodb:GetResourcePolicy")
    .undone_by("aws dynamodb delete-resource-policy");
const KINESIS: Setting =
    Setting::asked("Kinesis streaming", Weight::TakesOut, "dynamodb:DescribeKinesisStreamingDestination")
        .undone_by("aws dynamodb disable-kinesis-streaming-destination");
const INSIGHTS: Setting = Setting::asked("contributor insights", Weight::Costs, "dynamodb:DescribeContributorInsights")
    .undone_by("aws dynamodb update-contributor-insights");

/// What DescribeTable shows of a table besides its attributes.
pub(in crate::aws::kinds) fn shown_of_table(live: &TableDescription) -> Vec<Unmodelled> {
    let class =
        live.table_class_summary().and_then(|it| it.table_class()).filter(|class| **class != TableClass::Standard);
    let limits = live.on_demand_throughput().and_then(|it| {
        let limit = |limit: Option<i64>, what: &str| {
            limit.filter(|limit| *limit >= 0).map(|limit| format!("{limit} {what} units"))
        };
        list(
            [limit(it.max_read_request_units, "read"), limit(it.max_write_request_units, "write")]
                .into_iter()
                .flatten(),
        )
    });
    let replicas = list(live.replicas().iter().filter_map(|replica| replica.region_name()));
    [set(&REPLICAS, replicas), set(&CLASS, class), set(&LIMITS, limits)].into_iter().flatten().collect()
}

impl Observed for Table {
    const COVERAGE: &'static Coverage = &Coverage {
        named: &[&REPLICAS, &CLASS, &LIMITS, &POLICY, &KINESIS, &INSIGHTS],
        not_looked_at: &[
            ("auto scaling", "Application Auto Scaling keeps it; what it changes shows as another capacity"),
            ("readers of its stream", "they belong to those who read"),
            ("exports and backups", "they are made by calls, and are no setting of the table"),
        ],
    };

    async fn look_closer(aws: &Aws, now: &table::Spec, _owned: &Owned) -> Look {
        let mut look = Look::default();
        let client = aws.client(Client::new).await;
        let Some(scope) = look.answer(&POLICY, aws.scope().await) else { return look };
        let arn = scope.arn("dynamodb", &format!("table/{}", now.name));
        let (policy, kinesis, insights) = tokio::join!(
            client.get_resource_policy().resource_arn(arn).send(),
            client.describe_kinesis_streaming_destination().table_name(&now.name).send(),
            client.describe_contributor_insights().table_name(&now.name).send(),
        );
        let policy = look.answer(&POLICY, policy.map_err(failed("dynamodb GetResourcePolicy")));
        let policy = policy.and_then(|reply| reply.policy).map(|policy| statements(&policy, |_| false));
        look.found(policy.into_iter().flatten().map(|one| POLICY.is(one)).collect::<Vec<_>>());
        let kinesis = look.answer(&KINESIS, kinesis.map_err(failed("dynamodb DescribeKinesisStreamingDestination")));
        let on = |status: Option<&DestinationStatus>| {
            !matches!(status, Some(DestinationStatus::Disabled | DestinationStatus::EnableFailed))
        };
        let kinesis = kinesis.and_then(|reply| reply.kinesis_data_stream_destinations).into_iter().flatten();
        let kinesis = kinesis.filter(|one| on(one.destination_status())).filter_map(|one| one.stream_arn);
        look.found(kinesis.map(|arn| KINESIS.is(arn)).collect::<Vec<_>>());
        let insights = look.answer(&INSIGHTS, insights.map_err(failed("dynamodb DescribeContributorInsights")));
        let insights = insights.and_then(|reply| reply.contributor_insights_status);
        let insights = insights.filter(|status| {
            matches!(status, ContributorInsightsStatus::Enabled | ContributorInsightsStatus::Enabling)
        });
        look.found(set(&INSIGHTS, insights));
        look
    }

    async fn obstacles(_aws: &Aws, now: &table::Spec, _empty: bool) -> Vec<String> {
        let held = "its deletion protection is on: switch `deletion_protection` off and apply that first";
        now.deletion_protection.then(|| held.to_owned()).into_iter().collect()
    }
}
