terraform {
  required_version = ">= 1.11.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "= 5.100.0"
    }
  }
}

provider "aws" {
  region = var.region

  # Endpoints come from AWS_ENDPOINT_URL, so the same HCL runs against real AWS.
  s3_use_path_style           = var.emulator
  skip_credentials_validation = var.emulator
  skip_metadata_api_check     = var.emulator

  default_tags {
    tags = var.tags
  }
}
