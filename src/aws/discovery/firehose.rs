//! Delivery streams, and what they are wired to.

use std::collections::BTreeSet;

use aws_sdk_firehose::Client;
use aws_sdk_firehose::types::{
    DeliveryStreamDescription, DeliveryStreamType, DestinationDescription, ExtendedS3DestinationDescription,
    ProcessingConfiguration, Processor, ProcessorParameterName, ProcessorType,
};

use super::each;
use crate::aws::error::{absent_is_none, failed};
use crate::aws::{Aws, Result, retry};
use crate::model::discovery::{DeliveryStream, Destination, Inventory, Note, Source};

/// All delivery streams. AWS has no list of those that read a stream or write to a bucket: each has to be looked at.
pub(super) async fn delivery_streams(aws: &Aws, note: Note<'_>) -> Result<Inventory<DeliveryStream>> {
    let client = aws.client(retry::firehose).await;
    each(names(&client).await?, "delivery streams", note, |name| describe(client.clone(), name)).await
}

async fn names(client: &Client) -> Result<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    loop {
        let list =
            client.list_delivery_streams().limit(1000).set_exclusive_start_delivery_stream_name(names.last().cloned());
        let reply = list.send().await.map_err(failed("firehose ListDeliveryStreams"))?;
        let more = reply.has_more_delivery_streams && !reply.delivery_stream_names.is_empty();
        names.extend(reply.delivery_stream_names);
        if !more {
            return Ok(names);
        }
    }
}

async fn describe(client: Client, name: String) -> Result<Option<DeliveryStream>> {
    let call = client.describe_delivery_stream().delivery_stream_name(name).send().await;
    let reply = absent_is_none(call.map_err(failed("firehose DescribeDeliveryStream")))?;
    Ok(reply.and_then(|reply| reply.delivery_stream_description).map(wired))
}

fn wired(stream: DeliveryStreamDescription) -> DeliveryStream {
    let kinesis = stream.source().and_then(|source| source.kinesis_stream_source_description());
    let source = kinesis.and_then(|kinesis| kinesis.kinesis_stream_arn.clone());
    let reader = kinesis.and_then(|kinesis| kinesis.role_arn.clone());
    let first = stream.destinations().first();
    let s3 = first.and_then(DestinationDescription::extended_s3_destination_description);
    let logging = s3.and_then(ExtendedS3DestinationDescription::cloud_watch_logging_options);
    let logs = logging
        .filter(|logging| logging.enabled == Some(true))
        .and_then(|logging| Some((logging.log_group_name.clone()?, logging.log_stream_name.clone()?)));
    DeliveryStream {
        source: match source {
            Some(arn) => Source::Stream(arn),
            None if stream.delivery_stream_type == DeliveryStreamType::DirectPut => Source::Producers,
            None => Source::Other(stream.delivery_stream_type.as_str().to_owned()),
        },
        destination: match s3 {
            Some(s3) => Destination::Bucket(s3.bucket_arn.clone()),
            None => Destination::Other(first.map_or("no service that this pipectl knows", service)),
        },
        roles: reader.into_iter().chain(s3.map(|s3| s3.role_arn.clone())).collect(),
        logs: logs.into_iter().collect(),
        functions: s3.map(functions).unwrap_or_default(),
        name: stream.delivery_stream_name,
    }
}

/// The ARNs of the functions that transform records.
fn functions(s3: &ExtendedS3DestinationDescription) -> BTreeSet<String> {
    let processing = s3.processing_configuration().filter(|processing| processing.enabled == Some(true));
    let processors = processing.map(ProcessingConfiguration::processors).unwrap_or_default();
    let lambdas = processors.iter().filter(|processor| processor.r#type == ProcessorType::Lambda);
    let parameters = lambdas.flat_map(Processor::parameters);
    let arns = parameters.filter(|parameter| parameter.parameter_name == ProcessorParameterName::LambdaArn);
    arns.map(|parameter| parameter.parameter_value.clone()).collect()
}

/// The service of a destination that is no bucket.
fn service(destination: &DestinationDescription) -> &'static str {
    let services = [
        ("Redshift", destination.redshift_destination_description.is_some()),
        ("Elasticsearch", destination.elasticsearch_destination_description.is_some()),
        ("OpenSearch", destination.amazonopensearchservice_destination_description.is_some()),
        ("OpenSearch Serverless", destination.amazon_open_search_serverless_destination_description.is_some()),
        ("Splunk", destination.splunk_destination_description.is_some()),
        ("an HTTP endpoint", destination.http_endpoint_destination_description.is_some()),
        ("Snowflake", destination.snowflake_destination_description.is_some()),
        ("Apache Iceberg tables", destination.iceberg_destination_description.is_some()),
    ];
    services.into_iter().find(|(_, given)| *given).map_or("a service that this pipectl does not know", |(name, _)| name)
}
