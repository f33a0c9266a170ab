# Terraform keeps its state in this folder unless told otherwise. To share it, put a backend into the block below:
#   backend "s3" {
#     bucket       = "…"
#     key          = "…/terraform.tfstate"
#     region       = "…"
#     use_lockfile = true
#   }
terraform {
  required_version = ">= 1.5.0"

  required_providers {
    aws = { source = "hashicorp/aws", version = ">= 5.100.0, < 7.0.0" }
  }
}

provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["123456789012"]
}
