# What keeps events from being late, lost or sent twice.
package main

deny contains sprintf("%s: is killed %d s after SIGTERM; allowed: drain_s and 10 s, which is %d", [name, spec.terminationGracePeriodSeconds, least]) if {
	some one in workloads
	name := sprintf("%s/%s", [one.kind, one.metadata.name])
	spec := one.spec.template.spec
	least := ceil(settings.delivery.drain_s) + 10
	spec.terminationGracePeriodSeconds < least
}

# Readiness is about the group and the mapping. A liveness that asked for those would restart pods that only wait.
deny contains sprintf("%s: its %s is not asked at %s", [name, probe, path]) if {
	some one in workloads
	some container in one.spec.template.spec.containers
	name := sprintf("%s/%s/%s", [one.kind, one.metadata.name, container.name])
	some probe, path in {"startupProbe": "/livez", "livenessProbe": "/livez", "readinessProbe": "/readyz"}
	object.get(container, [probe, "httpGet", "path"], "") != path
}

deny contains sprintf("Deployment/%s: starts a pod before an old one has gone, which moves partitions twice", [one.metadata.name]) if {
	some one in workloads
	one.kind == "Deployment"
	object.get(one.spec, ["strategy", "rollingUpdate", "maxSurge"], "25%") != 0
}

deny contains sprintf("%s: nothing looks at the mapping before it runs: no init container %s", [name, command]) if {
	some one in workloads
	name := sprintf("%s/%s", [one.kind, one.metadata.name])
	some command in {"test", "check"}
	not looked_at(one.spec.template.spec, command)
}

# With the consumer's own image, files and environment: else another mapping would be looked at.
looked_at(spec, command) if {
	some init in spec.initContainers
	init.args[0] == command
	some consumer in spec.containers
	every part in ["image", "volumeMounts", "env"] {
		object.get(init, part, []) == object.get(consumer, part, [])
	}
}

deny contains sprintf("%s: %s", [name, "a hook runs beside the rollout, and cannot stop it for these pods alone"]) if {
	some one in objects
	hook := one.metadata.annotations["helm.sh/hook"]
	hook != "test"
	name := sprintf("%s/%s", [one.kind, one.metadata.name])
}

# Two members with one name put each other out; names that change with every pod hold partitions that nobody reads.
deny contains sprintf("%s: static members are the pods of a StatefulSet, each under its own name", [name]) if {
	some one in workloads
	name := sprintf("%s/%s", [one.kind, one.metadata.name])
	static := [variable |
		some container in one.spec.template.spec.containers
		some variable in container.env
		variable.name == "LOOPS_CONSUMER__KAFKA__GROUP_INSTANCE_ID"
	]
	wanted := {"Deployment": [], "StatefulSet": ["metadata.name"]}[one.kind]
	wanted != [object.get(variable, ["valueFrom", "fieldRef", "fieldPath"], "") | some variable in static]
}

deny contains sprintf("PodDisruptionBudget/%s: protects other pods than those of the workload", [budget.metadata.name]) if {
	some budget in objects
	budget.kind == "PodDisruptionBudget"
	some one in workloads
	budget.spec.selector != one.spec.selector
}

deny contains sprintf("PodDisruptionBudget/%s: no node can ever be drained", [budget.metadata.name]) if {
	some budget in objects
	budget.kind == "PodDisruptionBudget"
	object.get(budget.spec, "maxUnavailable", 0) == 0
}
