# alarm.delivery
resource "aws_cloudwatch_metric_alarm" "alarm_delivery" {
  alarm_name          = "acme-clickstream-prod-delivery"
  alarm_description   = "firehose.clicks: DeliveryToS3.Success is below 0.95"
  namespace           = "AWS/Firehose"
  metric_name         = "DeliveryToS3.Success"
  dimensions          = { DeliveryStreamName = "acme-clickstream-prod-clicks" }
  statistic           = "Average"
  period              = 300
  comparison_operator = "LessThanThreshold"
  threshold           = 0.95
  evaluation_periods  = 3
  datapoints_to_alarm = 3
  treat_missing_data  = "notBreaching"
  actions_enabled     = true
  alarm_actions       = [aws_sns_topic.topic_alerts.arn]
  ok_actions          = [aws_sns_topic.topic_alerts.arn]
  tags = {
    cost-center       = "clickstream"
    "pipectl:address" = "alarm.delivery"
    "pipectl:env"     = "prod"
    "pipectl:project" = "acme-clickstream"
    team              = "growth"
    tier              = "production"
  }
}

# alarm.firehose-lag
resource "aws_cloudwatch_metric_alarm" "alarm_firehose_lag" {
  alarm_name          = "acme-clickstream-prod-firehose-lag"
  alarm_description   = "firehose.clicks: KinesisMillisBehindLatest is above 60480000"
  namespace           = "AWS/Firehose"
  metric_name         = "KinesisMillisBehindLatest"
  dimensions          = { DeliveryStreamName = "acme-clickstream-prod-clicks" }
  statistic           = "Maximum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = 60480000.0
  evaluation_periods  = 3
  datapoints_to_alarm = 3
  treat_missing_data  = "notBreaching"
  actions_enabled     = true
  alarm_actions       = [aws_sns_topic.topic_alerts.arn]
  tags = {
    cost-center       = "clickstream"
    "pipectl:address" = "alarm.firehose-lag"
    "pipectl:env"     = "prod"
    "pipectl:project" = "acme-clickstream"
    team              = "growth"
    tier              = "production"
  }
}

# alarm.freshness
resource "aws_cloudwatch_metric_alarm" "alarm_freshness" {
  alarm_name          = "acme-clickstream-prod-freshness"
  alarm_description   = "firehose.clicks: DeliveryToS3.DataFreshness is above 900"
  namespace           = "AWS/Firehose"
  metric_name         = "DeliveryToS3.DataFreshness"
  dimensions          = { DeliveryStreamName = "acme-clickstream-prod-clicks" }
  statistic           = "Maximum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = 900.0
  evaluation_periods  = 3
  datapoints_to_alarm = 3
  treat_missing_data  = "notBreaching"
  actions_enabled     = true
  alarm_actions       = [aws_sns_topic.topic_alerts.arn]
  tags = {
    cost-center       = "clickstream"
    "pipectl:address" = "alarm.freshness"
    "pipectl:env"     = "prod"
    "pipectl:project" = "acme-clickstream"
    team              = "growth"
    tier              = "production"
  }
}

# alarm.kms
resource "aws_cloudwatch_metric_alarm" "alarm_kms" {
  alarm_name          = "acme-clickstream-prod-kms"
  alarm_description   = "firehose.clicks: KMSKeyAccessDenied is above 0"
  namespace           = "AWS/Firehose"
  metric_name         = "KMSKeyAccessDenied"
  dimensions          = { DeliveryStreamName = "acme-clickstream-prod-clicks" }
  statistic           = "Sum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0.0
  evaluation_periods  = 1
  datapoints_to_alarm = 1
  treat_missing_data  = "notBreaching"
  actions_enabled     = true
  alarm_actions       = [aws_sns_topic.topic_alerts.arn]
  tags = {
    cost-center       = "clickstream"
    "pipectl:address" = "alarm.kms"
    "pipectl:env"     = "prod"
    "pipectl:project" = "acme-clickstream"
    team              = "growth"
    tier              = "production"
  }
}

# alarm.lag
resource "aws_cloudwatch_metric_alarm" "alarm_lag" {
  alarm_name          = "acme-clickstream-prod-lag"
  alarm_description   = "stream.clicks: GetRecords.IteratorAgeMilliseconds is above 302400000"
  namespace           = "AWS/Kinesis"
  metric_name         = "GetRecords.IteratorAgeMilliseconds"
  dimensions          = { StreamName = "acme-clickstream-prod-clicks" }
  statistic           = "Maximum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = 302400000.0
  evaluation_periods  = 3
  datapoints_to_alarm = 3
  treat_missing_data  = "notBreaching"
  actions_enabled     = true
  alarm_actions       = [aws_sns_topic.topic_alerts.arn]
  tags = {
    cost-center       = "clickstream"
    "pipectl:address" = "alarm.lag"
    "pipectl:env"     = "prod"
    "pipectl:project" = "acme-clickstream"
    team              = "growth"
    tier              = "production"
  }
}

# alarm.mails
resource "aws_cloudwatch_metric_alarm" "alarm_mails" {
  alarm_name          = "acme-clickstream-prod-mails"
  alarm_description   = "topic.alerts: NumberOfNotificationsFailed is above 0"
  namespace           = "AWS/SNS"
  metric_name         = "NumberOfNotificationsFailed"
  dimensions          = { TopicName = "acme-clickstream-prod-alerts" }
  statistic           = "Sum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0.0
  evaluation_periods  = 1
  datapoints_to_alarm = 1
  treat_missing_data  = "notBreaching"
  actions_enabled     = true
  alarm_actions       = [aws_sns_topic.topic_alerts.arn]
  tags = {
    cost-center       = "clickstream"
    "pipectl:address" = "alarm.mails"
    "pipectl:env"     = "prod"
    "pipectl:project" = "acme-clickstream"
    team              = "growth"
    tier              = "production"
  }
}

# alarm.producers
resource "aws_cloudwatch_metric_alarm" "alarm_producers" {
  alarm_name          = "acme-clickstream-prod-producers"
  alarm_description   = "stream.clicks: IF(total > 0, failed / total, 0) is above 0.01"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0.01
  evaluation_periods  = 3
  datapoints_to_alarm = 3
  treat_missing_data  = "notBreaching"
  actions_enabled     = true
  alarm_actions       = [aws_sns_topic.topic_alerts.arn]

  metric_query {
    id          = "failed"
    return_data = false

    metric {
      namespace   = "AWS/Kinesis"
      metric_name = "PutRecords.FailedRecords"
      dimensions  = { StreamName = "acme-clickstream-prod-clicks" }
      stat        = "Sum"
      period      = 300
    }
  }

  metric_query {
    id          = "total"
    return_data = false

    metric {
      namespace   = "AWS/Kinesis"
      metric_name = "PutRecords.TotalRecords"
      dimensions  = { StreamName = "acme-clickstream-prod-clicks" }
      stat        = "Sum"
      period      = 300
    }
  }

  metric_query {
    id          = "result"
    expression  = "IF(total > 0, failed / total, 0)"
    return_data = true
  }

  tags = {
    cost-center       = "clickstream"
    "pipectl:address" = "alarm.producers"
    "pipectl:env"     = "prod"
    "pipectl:project" = "acme-clickstream"
    team              = "growth"
    tier              = "production"
  }
}

# alarm.read-throttling
resource "aws_cloudwatch_metric_alarm" "alarm_read_throttling" {
  alarm_name          = "acme-clickstream-prod-read-throttling"
  alarm_description   = "stream.clicks: ReadProvisionedThroughputExceeded is above 0"
  namespace           = "AWS/Kinesis"
  metric_name         = "ReadProvisionedThroughputExceeded"
  dimensions          = { StreamName = "acme-clickstream-prod-clicks" }
  statistic           = "Sum"
  period              = 60
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0.0
  evaluation_periods  = 15
  datapoints_to_alarm = 5
  treat_missing_data  = "notBreaching"
  actions_enabled     = true
  alarm_actions       = [aws_sns_topic.topic_alerts.arn]
  tags = {
    cost-center       = "clickstream"
    "pipectl:address" = "alarm.read-throttling"
    "pipectl:env"     = "prod"
    "pipectl:project" = "acme-clickstream"
    team              = "growth"
    tier              = "production"
  }
}

# alarm.silence
resource "aws_cloudwatch_metric_alarm" "alarm_silence" {
  alarm_name          = "acme-clickstream-prod-silence"
  alarm_description   = "stream.clicks: IncomingRecords is below 1"
  namespace           = "AWS/Kinesis"
  metric_name         = "IncomingRecords"
  dimensions          = { StreamName = "acme-clickstream-prod-clicks" }
  statistic           = "Sum"
  period              = 900
  comparison_operator = "LessThanThreshold"
  threshold           = 1.0
  evaluation_periods  = 2
  datapoints_to_alarm = 2
  treat_missing_data  = "breaching"
  actions_enabled     = true
  alarm_actions       = [aws_sns_topic.topic_alerts.arn]
  tags = {
    cost-center       = "clickstream"
    "pipectl:address" = "alarm.silence"
    "pipectl:env"     = "prod"
    "pipectl:project" = "acme-clickstream"
    team              = "growth"
    tier              = "production"
  }
}

# alarm.stalled
resource "aws_cloudwatch_metric_alarm" "alarm_stalled" {
  alarm_name          = "acme-clickstream-prod-stalled"
  alarm_description   = "Records arrive, and firehose.clicks delivers none of them"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0.0
  evaluation_periods  = 3
  datapoints_to_alarm = 3
  treat_missing_data  = "notBreaching"
  actions_enabled     = true
  alarm_actions       = [aws_sns_topic.topic_alerts.arn]
  ok_actions          = [aws_sns_topic.topic_alerts.arn]

  metric_query {
    id          = "arriving"
    return_data = false

    metric {
      namespace   = "AWS/Kinesis"
      metric_name = "IncomingRecords"
      dimensions  = { StreamName = "acme-clickstream-prod-clicks" }
      stat        = "Sum"
      period      = 300
    }
  }

  metric_query {
    id          = "delivered"
    return_data = false

    metric {
      namespace   = "AWS/Firehose"
      metric_name = "DeliveryToS3.Records"
      dimensions  = { DeliveryStreamName = "acme-clickstream-prod-clicks" }
      stat        = "Sum"
      period      = 300
    }
  }

  metric_query {
    id          = "result"
    expression  = "IF(FILL(arriving, 0) > 0 AND FILL(delivered, 0) == 0, 1, 0)"
    return_data = true
  }

  tags = {
    cost-center       = "clickstream"
    "pipectl:address" = "alarm.stalled"
    "pipectl:env"     = "prod"
    "pipectl:project" = "acme-clickstream"
    team              = "growth"
    tier              = "production"
  }
}

# alarm.write-throttling
resource "aws_cloudwatch_metric_alarm" "alarm_write_throttling" {
  alarm_name          = "acme-clickstream-prod-write-throttling"
  alarm_description   = "stream.clicks: WriteProvisionedThroughputExceeded is above 0"
  namespace           = "AWS/Kinesis"
  metric_name         = "WriteProvisionedThroughputExceeded"
  dimensions          = { StreamName = "acme-clickstream-prod-clicks" }
  statistic           = "Sum"
  period              = 60
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0.0
  evaluation_periods  = 15
  datapoints_to_alarm = 5
  treat_missing_data  = "notBreaching"
  actions_enabled     = true
  alarm_actions       = [aws_sns_topic.topic_alerts.arn]
  tags = {
    cost-center       = "clickstream"
    "pipectl:address" = "alarm.write-throttling"
    "pipectl:env"     = "prod"
    "pipectl:project" = "acme-clickstream"
    team              = "growth"
    tier              = "production"
  }
}

# bucket.events
resource "aws_s3_bucket" "bucket_events" {
  bucket = "acme-clickstream-events-prod"
  tags = {
    cost-center       = "clickstream"
    "pipectl:address" = "bucket.events"
    "pipectl:env"     = "prod"
    "pipectl:project" = "acme-clickstream"
    team              = "growth"
    tier              = "production"
  }

  lifecycle {
    ignore_changes = [force_destroy]
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "bucket_events" {
  bucket = aws_s3_bucket.bucket_events.bucket

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }

    bucket_key_enabled = false
  }
}

resource "aws_s3_bucket_public_access_block" "bucket_events" {
  bucket                  = aws_s3_bucket.bucket_events.bucket
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "bucket_events" {
  bucket = aws_s3_bucket.bucket_events.bucket

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_versioning" "bucket_events" {
  bucket = aws_s3_bucket.bucket_events.bucket

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_policy" "bucket_events" {
  bucket = aws_s3_bucket.bucket_events.bucket
  policy = jsonencode({
    Statement = [
      {
        Action    = ["s3:*"]
        Condition = { Bool = { "aws:SecureTransport" = ["false"] } }
        Effect    = "Deny"
        Principal = "*"
        Resource  = [aws_s3_bucket.bucket_events.arn, "${aws_s3_bucket.bucket_events.arn}/*"]
        Sid       = "TlsOnly"
      },
    ]
    Version = "2012-10-17"
  })
}

resource "aws_s3_bucket_lifecycle_configuration" "bucket_events" {
  bucket = aws_s3_bucket.bucket_events.bucket

  rule {
    id     = "delete-markers"
    status = "Enabled"

    filter {
      prefix = ""
    }

    expiration {
      expired_object_delete_marker = true
    }
  }

  rule {
    id     = "objects"
    status = "Enabled"

    filter {
      prefix = ""
    }

    expiration {
      days = 730
    }

    noncurrent_version_expiration {
      noncurrent_days = 30
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }

    transition {
      days          = 90
      storage_class = "STANDARD_IA"
    }

    transition {
      days          = 365
      storage_class = "GLACIER_IR"
    }
  }
}

# dashboard.clickstream
resource "aws_cloudwatch_dashboard" "dashboard_clickstream" {
  dashboard_name = "acme-clickstream-prod-clickstream"
  dashboard_body = jsonencode({
    widgets = [
      {
        height = 4
        properties = {
          alarms = [
            aws_cloudwatch_metric_alarm.alarm_delivery.arn,
            aws_cloudwatch_metric_alarm.alarm_firehose_lag.arn,
            aws_cloudwatch_metric_alarm.alarm_freshness.arn,
            aws_cloudwatch_metric_alarm.alarm_kms.arn,
            aws_cloudwatch_metric_alarm.alarm_lag.arn,
            aws_cloudwatch_metric_alarm.alarm_mails.arn,
            aws_cloudwatch_metric_alarm.alarm_producers.arn,
            aws_cloudwatch_metric_alarm.alarm_read_throttling.arn,
            aws_cloudwatch_metric_alarm.alarm_silence.arn,
            aws_cloudwatch_metric_alarm.alarm_stalled.arn,
            aws_cloudwatch_metric_alarm.alarm_write_throttling.arn,
          ]
          title = "Alarms"
        }
        type  = "alarm"
        width = 24
        x     = 0
        y     = 0
      },
      { height = 1, properties = { markdown = "## stream.clicks" }, type = "text", width = 24, x = 0, y = 4 },
      {
        height = 6
        properties = {
          metrics = [
            [
              "AWS/Kinesis",
              "IncomingRecords",
              "StreamName",
              "acme-clickstream-prod-clicks",
              { stat = "Sum" },
            ],
            [
              "AWS/Kinesis",
              "IncomingBytes",
              "StreamName",
              "acme-clickstream-prod-clicks",
              { stat = "Sum", yAxis = "right" },
            ],
          ]
          period = 60
          region = "eu-west-1"
          title  = "Arriving"
          view   = "timeSeries"
          yAxis  = { left = { min = 0 } }
        }
        type  = "metric"
        width = 8
        x     = 0
        y     = 5
      },
      {
        height = 6
        properties = {
          metrics = [
            [
              "AWS/Kinesis",
              "GetRecords.IteratorAgeMilliseconds",
              "StreamName",
              "acme-clickstream-prod-clicks",
              { stat = "Maximum" },
            ],
          ]
          period = 60
          region = "eu-west-1"
          title  = "Age of the oldest record not yet read (ms)"
          view   = "timeSeries"
          yAxis  = { left = { min = 0 } }
        }
        type  = "metric"
        width = 8
        x     = 8
        y     = 5
      },
      {
        height = 6
        properties = {
          metrics = [
            [
              "AWS/Kinesis",
              "WriteProvisionedThroughputExceeded",
              "StreamName",
              "acme-clickstream-prod-clicks",
              { stat = "Sum" },
            ],
            [
              "AWS/Kinesis",
              "ReadProvisionedThroughputExceeded",
              "StreamName",
              "acme-clickstream-prod-clicks",
              { stat = "Sum" },
            ],
            [
              "AWS/Kinesis",
              "PutRecords.ThrottledRecords",
              "StreamName",
              "acme-clickstream-prod-clicks",
              { stat = "Sum" },
            ],
          ]
          period = 60
          region = "eu-west-1"
          title  = "Throttled"
          view   = "timeSeries"
          yAxis  = { left = { min = 0 } }
        }
        type  = "metric"
        width = 8
        x     = 16
        y     = 5
      },
      {
        height     = 1
        properties = { markdown = "## firehose.clicks" }
        type       = "text"
        width      = 24
        x          = 0
        y          = 11
      },
      {
        height = 6
        properties = {
          metrics = [
            [
              "AWS/Firehose",
              "DataReadFromKinesisStream.Records",
              "DeliveryStreamName",
              "acme-clickstream-prod-clicks",
              { stat = "Sum" },
            ],
            [
              "AWS/Firehose",
              "DeliveryToS3.Records",
              "DeliveryStreamName",
              "acme-clickstream-prod-clicks",
              { stat = "Sum" },
            ],
          ]
          period = 60
          region = "eu-west-1"
          title  = "Read and delivered"
          view   = "timeSeries"
          yAxis  = { left = { min = 0 } }
        }
        type  = "metric"
        width = 8
        x     = 0
        y     = 12
      },
      {
        height = 6
        properties = {
          annotations = { horizontal = [{ label = "Buffer: 300 s", value = 300.0 }] }
          metrics = [
            [
              "AWS/Firehose",
              "DeliveryToS3.DataFreshness",
              "DeliveryStreamName",
              "acme-clickstream-prod-clicks",
              { stat = "Maximum" },
            ],
          ]
          period = 60
          region = "eu-west-1"
          title  = "Age of the oldest record not yet delivered (s)"
          view   = "timeSeries"
          yAxis  = { left = { min = 0 } }
        }
        type  = "metric"
        width = 8
        x     = 8
        y     = 12
      },
      {
        height = 6
        properties = {
          metrics = [
            [
              "AWS/Firehose",
              "KinesisMillisBehindLatest",
              "DeliveryStreamName",
              "acme-clickstream-prod-clicks",
              { stat = "Maximum" },
            ],
          ]
          period = 60
          region = "eu-west-1"
          title  = "Behind the stream (ms)"
          view   = "timeSeries"
          yAxis  = { left = { min = 0 } }
        }
        type  = "metric"
        width = 8
        x     = 16
        y     = 12
      },
      {
        height = 6
        properties = {
          annotations = { horizontal = [{ label = "All", value = 1.0 }] }
          metrics = [
            [
              "AWS/Firehose",
              "DeliveryToS3.Success",
              "DeliveryStreamName",
              "acme-clickstream-prod-clicks",
              { stat = "Average" },
            ],
          ]
          period = 60
          region = "eu-west-1"
          title  = "Deliveries that succeed (share)"
          view   = "timeSeries"
          yAxis  = { left = { min = 0 } }
        }
        type  = "metric"
        width = 8
        x     = 0
        y     = 18
      },
      {
        height = 6
        properties = {
          metrics = [
            [
              "AWS/Firehose",
              "DeliveryToS3.Bytes",
              "DeliveryStreamName",
              "acme-clickstream-prod-clicks",
              { stat = "Sum" },
            ],
          ]
          period = 60
          region = "eu-west-1"
          title  = "Delivered bytes"
          view   = "timeSeries"
          yAxis  = { left = { min = 0 } }
        }
        type  = "metric"
        width = 8
        x     = 8
        y     = 18
      },
      {
        height = 6
        properties = {
          metrics = [
            [
              "AWS/Firehose",
              "ThrottledGetRecords",
              "DeliveryStreamName",
              "acme-clickstream-prod-clicks",
              { stat = "Sum" },
            ],
            [
              "AWS/Firehose",
              "ThrottledGetShardIterator",
              "DeliveryStreamName",
              "acme-clickstream-prod-clicks",
              { stat = "Sum" },
            ],
            [
              "AWS/Firehose",
              "ThrottledDescribeStream",
              "DeliveryStreamName",
              "acme-clickstream-prod-clicks",
              { stat = "Sum" },
            ],
          ]
          period = 60
          region = "eu-west-1"
          title  = "Throttled"
          view   = "timeSeries"
          yAxis  = { left = { min = 0 } }
        }
        type  = "metric"
        width = 8
        x     = 16
        y     = 18
      },
      {
        height = 6
        properties = {
          query  = "SOURCE '/aws/kinesisfirehose/acme-clickstream-prod-clicks' | fields @timestamp, errorCode, errorMessage | sort @timestamp desc | limit 50"
          region = "eu-west-1"
          title  = "Errors of delivery"
          view   = "table"
        }
        type  = "log"
        width = 24
        x     = 0
        y     = 24
      },
      { height = 1, properties = { markdown = "## topic.alerts" }, type = "text", width = 24, x = 0, y = 30 },
      {
        height = 6
        properties = {
          metrics = [
            [
              "AWS/SNS",
              "NumberOfMessagesPublished",
              "TopicName",
              "acme-clickstream-prod-alerts",
              { stat = "Sum" },
            ],
            [
              "AWS/SNS",
              "NumberOfNotificationsDelivered",
              "TopicName",
              "acme-clickstream-prod-alerts",
              { stat = "Sum" },
            ],
            [
              "AWS/SNS",
              "NumberOfNotificationsFailed",
              "TopicName",
              "acme-clickstream-prod-alerts",
              { stat = "Sum" },
            ],
          ]
          period = 60
          region = "eu-west-1"
          title  = "Messages"
          view   = "timeSeries"
          yAxis  = { left = { min = 0 } }
        }
        type  = "metric"
        width = 8
        x     = 0
        y     = 31
      },
    ]
  })
}

# firehose.clicks
resource "aws_kinesis_firehose_delivery_stream" "firehose_clicks" {
  name        = "acme-clickstream-prod-clicks"
  destination = "extended_s3"

  kinesis_source_configuration {
    kinesis_stream_arn = aws_kinesis_stream.stream_clicks.arn
    role_arn           = aws_iam_role.firehose_clicks_role.arn
  }

  extended_s3_configuration {
    bucket_arn          = aws_s3_bucket.bucket_events.arn
    role_arn            = aws_iam_role.firehose_clicks_role.arn
    prefix              = "events/!{timestamp:yyyy/MM/dd/HH}/"
    error_output_prefix = "errors/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd}/"
    buffering_size      = 64
    buffering_interval  = 300
    compression_format  = "GZIP"
    custom_time_zone    = "UTC"

    cloudwatch_logging_options {
      enabled         = true
      log_group_name  = aws_cloudwatch_log_group.firehose_clicks_log_group.name
      log_stream_name = "DestinationDelivery"
    }

    processing_configuration {
      enabled = true

      processors {
        type = "AppendDelimiterToRecord"
      }
    }
  }

  tags = {
    cost-center       = "clickstream"
    "pipectl:address" = "firehose.clicks"
    "pipectl:env"     = "prod"
    "pipectl:project" = "acme-clickstream"
    team              = "growth"
    tier              = "production"
  }
}

# firehose.clicks/log-group
resource "aws_cloudwatch_log_group" "firehose_clicks_log_group" {
  name              = "/aws/kinesisfirehose/acme-clickstream-prod-clicks"
  retention_in_days = 365
  tags = {
    cost-center       = "clickstream"
    "pipectl:address" = "firehose.clicks/log-group"
    "pipectl:env"     = "prod"
    "pipectl:project" = "acme-clickstream"
    team              = "growth"
    tier              = "production"
  }

  lifecycle {
    ignore_changes = [skip_destroy]
  }
}

# firehose.clicks/log-stream
resource "aws_cloudwatch_log_stream" "firehose_clicks_log_stream" {
  name           = "DestinationDelivery"
  log_group_name = aws_cloudwatch_log_group.firehose_clicks_log_group.name
}

# firehose.clicks/role
resource "aws_iam_role" "firehose_clicks_role" {
  name        = "acme-clickstream-prod-clicks-firehose"
  path        = "/"
  description = "Lets Firehose deliver firehose.clicks of prod"
  assume_role_policy = jsonencode({
    Statement = [
      {
        Action    = ["sts:AssumeRole"]
        Condition = { StringEquals = { "sts:ExternalId" = ["123456789012"] } }
        Effect    = "Allow"
        Principal = { Service = ["firehose.amazonaws.com"] }
      },
    ]
    Version = "2012-10-17"
  })
  max_session_duration = 3600
  tags = {
    cost-center       = "clickstream"
    "pipectl:address" = "firehose.clicks/role"
    "pipectl:env"     = "prod"
    "pipectl:project" = "acme-clickstream"
    team              = "growth"
    tier              = "production"
  }

  lifecycle {
    ignore_changes = [force_detach_policies]
  }
}

resource "aws_iam_role_policy" "firehose_clicks_role_delivery" {
  name = "delivery"
  role = aws_iam_role.firehose_clicks_role.name
  policy = jsonencode({
    Statement = [
      {
        Action = [
          "kinesis:DescribeStream",
          "kinesis:GetRecords",
          "kinesis:GetShardIterator",
          "kinesis:ListShards",
        ]
        Effect   = "Allow"
        Resource = [aws_kinesis_stream.stream_clicks.arn]
      },
      {
        Action = ["logs:PutLogEvents"]
        Effect = "Allow"
        Resource = [
          "${aws_cloudwatch_log_group.firehose_clicks_log_group.arn}:log-stream:DestinationDelivery",
        ]
      },
      {
        Action   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"]
        Effect   = "Allow"
        Resource = ["${aws_s3_bucket.bucket_events.arn}/*"]
      },
      {
        Action   = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
        Effect   = "Allow"
        Resource = [aws_s3_bucket.bucket_events.arn]
      },
    ]
    Version = "2012-10-17"
  })
}

# snowpipe.events/key
resource "aws_iam_access_key" "snowpipe_events_key" {
  user   = aws_iam_user.snowpipe_events_user.name
  status = "Active"
}

# snowpipe.events/notification
resource "aws_s3_bucket_notification" "snowpipe_events_notification" {
  bucket = aws_s3_bucket.bucket_events.bucket

  queue {
    id            = "pipectl-prod-events"
    queue_arn     = "arn:aws:sqs:eu-west-1:111122223333:sf-snowpipe-AIDAEXAMPLEACMEPROD00-K2dQ7pXw1vZ9"
    events        = ["s3:ObjectCreated:*"]
    filter_prefix = "events/"
  }
}

# snowpipe.events/user
resource "aws_iam_user" "snowpipe_events_user" {
  name = "acme-clickstream-prod-events"
  path = "/"
  tags = {
    cost-center       = "clickstream"
    "pipectl:address" = "snowpipe.events/user"
    "pipectl:env"     = "prod"
    "pipectl:project" = "acme-clickstream"
    team              = "growth"
    tier              = "production"
  }

  lifecycle {
    ignore_changes = [force_destroy]
  }
}

resource "aws_iam_user_policy" "snowpipe_events_user_read" {
  name = "read"
  user = aws_iam_user.snowpipe_events_user.name
  policy = jsonencode({
    Statement = [
      { Action = ["s3:GetBucketLocation"], Effect = "Allow", Resource = [aws_s3_bucket.bucket_events.arn] },
      {
        Action   = ["s3:GetObject", "s3:GetObjectVersion"]
        Effect   = "Allow"
        Resource = ["${aws_s3_bucket.bucket_events.arn}/events/*"]
      },
      {
        Action    = ["s3:ListBucket"]
        Condition = { StringLike = { "s3:prefix" = ["events/*"] } }
        Effect    = "Allow"
        Resource  = [aws_s3_bucket.bucket_events.arn]
      },
    ]
    Version = "2012-10-17"
  })
}

# stream.clicks
resource "aws_kinesis_stream" "stream_clicks" {
  name             = "acme-clickstream-prod-clicks"
  shard_count      = 4
  retention_period = 168
  encryption_type  = "KMS"
  kms_key_id       = "alias/aws/kinesis"

  stream_mode_details {
    stream_mode = "PROVISIONED"
  }
  tags = {
    cost-center       = "clickstream"
    "pipectl:address" = "stream.clicks"
    "pipectl:env"     = "prod"
    "pipectl:project" = "acme-clickstream"
    team              = "growth"
    tier              = "production"
  }

  lifecycle {
    ignore_changes = [enforce_consumer_deletion]
  }
}

# topic.alerts
resource "aws_sns_topic" "topic_alerts" {
  name = "acme-clickstream-prod-alerts"
  policy = jsonencode({
    Statement = [
      {
        Action = ["sns:Publish"]
        Condition = {
          ArnLike      = { "aws:SourceArn" = ["arn:aws:cloudwatch:eu-west-1:123456789012:alarm:*"] }
          StringEquals = { "aws:SourceAccount" = ["123456789012"] }
        }
        Effect    = "Allow"
        Principal = { Service = ["cloudwatch.amazonaws.com"] }
        Resource  = ["arn:aws:sns:eu-west-1:123456789012:acme-clickstream-prod-alerts"]
        Sid       = "Alarms"
      },
      {
        Action    = ["sns:Publish"]
        Condition = { Bool = { "aws:SecureTransport" = ["false"] } }
        Effect    = "Deny"
        Principal = "*"
        Resource  = ["arn:aws:sns:eu-west-1:123456789012:acme-clickstream-prod-alerts"]
        Sid       = "TlsOnly"
      },
    ]
    Version = "2012-10-17"
  })
  tags = {
    cost-center       = "clickstream"
    "pipectl:address" = "topic.alerts"
    "pipectl:env"     = "prod"
    "pipectl:project" = "acme-clickstream"
    team              = "growth"
    tier              = "production"
  }
}

# topic.alerts/email:data-oncall@example.com
resource "aws_sns_topic_subscription" "topic_alerts_email_data_oncall_example_com" {
  topic_arn = aws_sns_topic.topic_alerts.arn
  protocol  = "email"
  endpoint  = "data-oncall@example.com"

  lifecycle {
    ignore_changes = [confirmation_timeout_in_minutes, endpoint_auto_confirms]
  }
}

# topic.alerts/email:platform-oncall@example.com
resource "aws_sns_topic_subscription" "topic_alerts_email_platform_oncall_example_com" {
  topic_arn = aws_sns_topic.topic_alerts.arn
  protocol  = "email"
  endpoint  = "platform-oncall@example.com"

  lifecycle {
    ignore_changes = [confirmation_timeout_in_minutes, endpoint_auto_confirms]
  }
}
