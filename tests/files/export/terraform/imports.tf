# What exists already, and is taken over as it is. Once applied, this file can go.

import {
  to = aws_cloudwatch_metric_alarm.alarm_delivery
  id = "acme-clickstream-prod-delivery"
}

import {
  to = aws_cloudwatch_metric_alarm.alarm_firehose_lag
  id = "acme-clickstream-prod-firehose-lag"
}

import {
  to = aws_cloudwatch_metric_alarm.alarm_freshness
  id = "acme-clickstream-prod-freshness"
}

import {
  to = aws_cloudwatch_metric_alarm.alarm_kms
  id = "acme-clickstream-prod-kms"
}

import {
  to = aws_cloudwatch_metric_alarm.alarm_lag
  id = "acme-clickstream-prod-lag"
}

import {
  to = aws_cloudwatch_metric_alarm.alarm_mails
  id = "acme-clickstream-prod-mails"
}

import {
  to = aws_cloudwatch_metric_alarm.alarm_producers
  id = "acme-clickstream-prod-producers"
}

import {
  to = aws_cloudwatch_metric_alarm.alarm_read_throttling
  id = "acme-clickstream-prod-read-throttling"
}

import {
  to = aws_cloudwatch_metric_alarm.alarm_silence
  id = "acme-clickstream-prod-silence"
}

import {
  to = aws_cloudwatch_metric_alarm.alarm_stalled
  id = "acme-clickstream-prod-stalled"
}

import {
  to = aws_cloudwatch_metric_alarm.alarm_write_throttling
  id = "acme-clickstream-prod-write-throttling"
}

import {
  to = aws_s3_bucket.bucket_events
  id = "acme-clickstream-events-prod"
}

import {
  to = aws_s3_bucket_server_side_encryption_configuration.bucket_events
  id = "acme-clickstream-events-prod"
}

import {
  to = aws_s3_bucket_public_access_block.bucket_events
  id = "acme-clickstream-events-prod"
}

import {
  to = aws_s3_bucket_ownership_controls.bucket_events
  id = "acme-clickstream-events-prod"
}

import {
  to = aws_s3_bucket_versioning.bucket_events
  id = "acme-clickstream-events-prod"
}

import {
  to = aws_s3_bucket_policy.bucket_events
  id = "acme-clickstream-events-prod"
}

import {
  to = aws_s3_bucket_lifecycle_configuration.bucket_events
  id = "acme-clickstream-events-prod"
}

import {
  to = aws_cloudwatch_dashboard.dashboard_clickstream
  id = "acme-clickstream-prod-clickstream"
}

import {
  to = aws_kinesis_firehose_delivery_stream.firehose_clicks
  id = "arn:aws:firehose:eu-west-1:123456789012:deliverystream/acme-clickstream-prod-clicks"
}

import {
  to = aws_cloudwatch_log_group.firehose_clicks_log_group
  id = "/aws/kinesisfirehose/acme-clickstream-prod-clicks"
}

import {
  to = aws_cloudwatch_log_stream.firehose_clicks_log_stream
  id = "/aws/kinesisfirehose/acme-clickstream-prod-clicks:DestinationDelivery"
}

import {
  to = aws_iam_role.firehose_clicks_role
  id = "acme-clickstream-prod-clicks-firehose"
}

import {
  to = aws_iam_role_policy.firehose_clicks_role_delivery
  id = "acme-clickstream-prod-clicks-firehose:delivery"
}

import {
  to = aws_iam_access_key.snowpipe_events_key
  id = "AKIAIOSFODNN7EXAMPLE"
}

import {
  to = aws_s3_bucket_notification.snowpipe_events_notification
  id = "acme-clickstream-events-prod"
}

import {
  to = aws_iam_user.snowpipe_events_user
  id = "acme-clickstream-prod-events"
}

import {
  to = aws_iam_user_policy.snowpipe_events_user_read
  id = "acme-clickstream-prod-events:read"
}

import {
  to = aws_kinesis_stream.stream_clicks
  id = "acme-clickstream-prod-clicks"
}

import {
  to = aws_sns_topic.topic_alerts
  id = "arn:aws:sns:eu-west-1:123456789012:acme-clickstream-prod-alerts"
}

import {
  to = aws_sns_topic_subscription.topic_alerts_email_data_oncall_example_com
  id = "arn:aws:sns:eu-west-1:123456789012:alerts:0f2c4d8e-7a1b-4c3d-9e5f-6a7b8c9d0e1f"
}

import {
  to = aws_sns_topic_subscription.topic_alerts_email_platform_oncall_example_com
  id = "arn:aws:sns:eu-west-1:123456789012:alerts:0f2c4d8e-7a1b-4c3d-9e5f-6a7b8c9d0e1f"
}
