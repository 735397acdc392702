package main

test_killed_while_it_drains if {
	only(said_of(concat("", [pod, "/terminationGracePeriodSeconds"]), 34), "is killed 34 s after SIGTERM; allowed: drain_s and 10 s, which is 35")
}

test_drain_that_grew if only(said_of("/1/contents/data/consumer.yaml", "delivery: {drain_s: 60}"), "which is 70")

test_liveness_that_asks_for_the_group if {
	only(said_of(concat("", [consumer, "/livenessProbe/httpGet/path"]), "/readyz"), "its livenessProbe is not asked at /livez")
}

test_no_readiness if only(said_without(concat("", [consumer, "/readinessProbe"])), "its readinessProbe is not asked at /readyz")

test_surge if only(said_without("/0/contents/spec/strategy"), "starts a pod before an old one has gone")

test_mapping_that_nobody_tests if only(said_without(concat("", [pod, "/initContainers/0"])), "no init container test")

test_mapping_that_nobody_checks if only(said_without(concat("", [pod, "/initContainers/1"])), "no init container check")

test_mapping_of_another_image if {
	only(said_of(concat("", [pod, "/initContainers/0/image"]), "loops-consumer:0.9.0"), "no init container test")
}

test_mapping_of_other_files if only(said_without(concat("", [pod, "/initContainers/1/volumeMounts/1"])), "no init container check")

test_mapping_in_another_environment if {
	env := [{"name": "REGION", "value": "eu"}]
	count(said_of(concat("", [consumer, "/env"]), env)) == 2
}

test_hook if {
	hook := {"contents": {"kind": "Job", "metadata": {"name": "early", "annotations": {"helm.sh/hook": "pre-upgrade"}}}}
	only(said_of("/-", hook), "Job/early: a hook runs beside the rollout")
}

test_deployment_of_static_members if {
	variable := {
		"name": "LOOPS_CONSUMER__KAFKA__GROUP_INSTANCE_ID",
		"valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}},
	}
	some message in said_of(concat("", [consumer, "/env"]), [variable])
	contains(message, "static members are the pods of a StatefulSet")
}

test_stateful_set_without_names if only(said_of("/0/contents/kind", "StatefulSet"), "each under its own name")

test_budget_of_others if only(said_of("/2/contents/spec/selector/matchLabels/app", "other"), "protects other pods")

test_budget_of_nothing if only(said_of("/2/contents/spec/maxUnavailable", 0), "no node can ever be drained")
