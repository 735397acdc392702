# Who may reach whom, where there is a network policy.
package main

policies := [one | some one in objects; one.kind == "NetworkPolicy"]

deny contains sprintf("NetworkPolicy/%s: leaves one direction open", [policy.metadata.name]) if {
	some policy in policies
	{direction | some direction in policy.spec.policyTypes} != {"Ingress", "Egress"}
}

deny contains sprintf("NetworkPolicy/%s: does not hold for the pods of %s", [policy.metadata.name, one.metadata.name]) if {
	some policy in policies
	some one in workloads
	some label, value in policy.spec.podSelector.matchLabels
	object.get(one.spec.template.metadata.labels, label, "") != value
}

deny contains sprintf("NetworkPolicy/%s: lets everybody in", [policy.metadata.name]) if {
	some policy in policies
	some rule in policy.spec.ingress
	count(object.get(rule, "from", [])) == 0
}

deny contains sprintf("NetworkPolicy/%s: opens every port", [policy.metadata.name]) if {
	some policy in policies
	some rule in array.concat(object.get(policy.spec, "ingress", []), object.get(policy.spec, "egress", []))
	count(object.get(rule, "ports", [])) == 0
}

# Whoever can make a node's metadata service answer has the node's rights.
deny contains sprintf("NetworkPolicy/%s: lets pods ask the node's metadata service", [policy.metadata.name]) if {
	some policy in policies
	some rule in policy.spec.egress
	some peer in rule.to
	net.cidr_contains(peer.ipBlock.cidr, "169.254.169.254")
	not excepted(peer.ipBlock)
}

excepted(block) if {
	some away in block.except
	net.cidr_contains(away, "169.254.169.254")
}
