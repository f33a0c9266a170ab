variable "region" {
  type    = string
  default = "us-east-1"
}

variable "emulator" {
  description = "True against an emulator: path-style S3, no IMDS probe."
  type        = bool
  default     = false
}

variable "pipelines" {
  description = "How many identical pipelines this configuration holds."
  type        = number
  default     = 1

  validation {
    condition     = var.pipelines >= 1 && var.pipelines <= 1000
    error_message = "pipelines must be 1..1000."
  }
}

variable "tags" {
  type    = map(string)
  default = {}
}

variable "s3_bucket_name" {
  type = string
}

variable "s3_prefix" {
  type    = string
  default = "clickstream/"
}

variable "stream_name" {
  type = string
}

variable "firehose_name" {
  type = string
}

variable "shard_count" {
  type    = number
  default = 2
}

variable "retention_hours" {
  type    = number
  default = 48
}

variable "kms_key_id" {
  type    = string
  default = "alias/aws/kinesis"
}

variable "buffering_size" {
  type    = number
  default = 5
}

variable "buffering_interval" {
  type    = number
  default = 300
}

variable "user_name" {
  type = string
}

variable "sns_email" {
  type = string
}

variable "snowpipe_sqs_arn" {
  type = string
}

variable "kinesis_producer_id" {
  description = "EC2 instance id of the producer, shown on the dashboard when set."
  type        = string
  default     = ""
}

variable "log_retention_days" {
  type    = number
  default = 30
}

variable "expire_days" {
  type    = number
  default = 90
}

variable "success_threshold" {
  type    = number
  default = 0.99
}
