# Rules that name Terraform's types and attributes: what a plan says of a stream or a bucket is what Terraform's would say.
package main

import rego.v1

deny contains message if {
	some resource in input.resource_changes
	resource.type == "aws_kinesis_stream"
	resource.change.after.encryption_type != "KMS"
	message := sprintf("%s is not encrypted by a key in KMS", [resource.address])
}

deny contains message if {
	some resource in input.resource_changes
	resource.type == "aws_s3_bucket_server_side_encryption_configuration"
	some rule in resource.change.after.rule
	some applied in rule.apply_server_side_encryption_by_default
	applied.sse_algorithm != "aws:kms"
	message := sprintf("%s is not encrypted by a key in KMS", [resource.address])
}

deny contains message if {
	some resource in input.resource_changes
	resource.type == "aws_s3_bucket_public_access_block"
	after := resource.change.after
	not after.block_public_policy
	message := sprintf("%s may become public", [resource.address])
}

deny contains message if {
	some resource in input.resource_changes
	resource.type in {"aws_sns_topic", "aws_sqs_queue"}
	some statement in json.unmarshal(resource.change.after.policy).Statement
	statement.Effect == "Allow"
	statement.Principal == "*"
	message := sprintf("%s lets everybody in", [resource.address])
}
