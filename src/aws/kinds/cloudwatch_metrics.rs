//! The metrics that an alarm watches, on their way to CloudWatch and back.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::types;

use crate::catalog::cloudwatch_metrics::{Metric, Query};

/// A query as CloudWatch takes it.
pub(super) fn to_query(query: &Query) -> types::MetricDataQuery {
    let metric_stat = query.metric.as_ref().map(|metric| {
        let what = types::Metric::builder()
            .namespace(&metric.namespace)
            .metric_name(&metric.name)
            .set_dimensions(to_dimensions(&metric.dimensions))
            .build();
        let period = metric.period.cast_signed();
        types::MetricStat::builder().metric(what).stat(&metric.statistic).period(period).build()
    });
    types::MetricDataQuery::builder()
        .id(&query.id)
        .set_metric_stat(metric_stat)
        .set_expression(query.expression.clone())
        .set_label(query.label.clone())
        .return_data(query.return_data)
        .build()
}

/// A query as CloudWatch returns it.
pub(super) fn from_query(query: types::MetricDataQuery) -> Query {
    let metric = query.metric_stat.map(|stat| {
        let metric = stat.metric.unwrap_or_else(|| types::Metric::builder().build());
        Metric {
            namespace: metric.namespace.unwrap_or_default(),
            name: metric.metric_name.unwrap_or_default(),
            dimensions: from_dimensions(metric.dimensions),
            statistic: stat.stat.unwrap_or_default(),
            period: stat.period.unwrap_or_default().unsigned_abs(),
        }
    });
    Query {
        id: query.id.unwrap_or_default(),
        metric,
        expression: query.expression.filter(|text| !text.is_empty()),
        label: query.label.filter(|text| !text.is_empty()),
        // CloudWatch's default.
        return_data: query.return_data.unwrap_or(true),
    }
}

/// Dimensions as CloudWatch takes them: never an empty list, which it refuses.
pub(super) fn to_dimensions(dimensions: &BTreeMap<String, String>) -> Option<Vec<types::Dimension>> {
    let dimension = |(name, value): (&String, &String)| types::Dimension::builder().name(name).value(value).build();
    Some(dimensions.iter().map(dimension).collect::<Vec<_>>()).filter(|list| !list.is_empty())
}

/// Dimensions as CloudWatch returns them.
pub(super) fn from_dimensions(dimensions: Option<Vec<types::Dimension>>) -> BTreeMap<String, String> {
    dimensions.into_iter().flatten().filter_map(|dimension| Some((dimension.name?, dimension.value?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queries() -> Vec<Query> {
        let metric = |name: &str, statistic: &str| Metric {
            namespace: "AWS/Kinesis".into(),
            name: name.into(),
            dimensions: BTreeMap::from([("StreamName".into(), "clicks".into())]),
            statistic: statistic.into(),
            period: 300,
        };
        let query = |id: &str, metric| Query {
            id: id.into(),
            metric: Some(metric),
            expression: None,
            label: None,
            return_data: false,
        };
        vec![
            query("incoming", metric("IncomingRecords", "Sum")),
            query("latency", metric("GetRecords.Latency", "p99")),
            Query {
                id: "blocked".into(),
                metric: None,
                expression: Some("IF(FILL(incoming,0)>0 AND FILL(latency,0)==0,1,0)".into()),
                label: Some("Blocked".into()),
                return_data: true,
            },
        ]
    }

    #[test]
    fn queries_survive_the_way_to_cloudwatch_and_back() {
        let back: Vec<Query> = queries().iter().map(to_query).map(from_query).collect();
        assert_eq!(back, queries());
    }
}
