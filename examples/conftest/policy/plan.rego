# Rules as they are written for Terraform plans: over `resource_changes`, which a plan of pipectl's has in the same shape.
package main

import rego.v1

deny contains message if {
	some resource in input.resource_changes
	"delete" in resource.change.actions
	message := sprintf("%s would be deleted", [resource.address])
}

deny contains message if {
	some resource in input.resource_changes
	tags := resource.change.after.tags
	not tags.team
	message := sprintf("%s has no tag `team`", [resource.address])
}
