# One clickstream pipeline.

module "s3" {
  source = "../s3"

  s3_bucket_name   = var.s3_bucket_name
  s3_prefix        = var.s3_prefix
  snowpipe_sqs_arn = var.snowpipe_sqs_arn
  expire_days      = var.expire_days
}

module "kinesis" {
  source = "../kinesis"

  stream_name        = var.stream_name
  firehose_name      = var.firehose_name
  shard_count        = var.shard_count
  retention_hours    = var.retention_hours
  kms_key_id         = var.kms_key_id
  aws_s3_bucket_arn  = module.s3.aws_s3_bucket_arn
  s3_prefix          = var.s3_prefix
  buffering_size     = var.buffering_size
  buffering_interval = var.buffering_interval
  log_retention_days = var.log_retention_days
}

module "user" {
  source = "../user"

  s3_bucket_arn = module.s3.aws_s3_bucket_arn
  s3_prefix     = var.s3_prefix
  user_name     = var.user_name
}

module "ops" {
  source = "../ops"

  region                    = var.region
  clickstream_name          = var.stream_name
  clickstream_firehose_name = var.firehose_name
  firehose_log_group        = module.kinesis.log_group_name
  sns_email                 = var.sns_email
  success_threshold         = var.success_threshold
  kinesis_producer_id       = var.kinesis_producer_id
}

output "bucket_arn" { value = module.s3.aws_s3_bucket_arn }
output "firehose_arn" { value = module.kinesis.firehose_arn }
output "access_key_id" { value = module.user.access_key_id }
output "secret_access_key" {
  value     = module.user.secret_access_key
  sensitive = true
}
