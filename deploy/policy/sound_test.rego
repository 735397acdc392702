# Objects against which no rule has anything to say; each test breaks one thing.
package main

consumer_container := {
	"name": "consumer",
	"image": "loops-consumer:1.0.0",
	"args": ["run"],
	"resources": {"requests": {"cpu": "100m", "memory": "256Mi"}, "limits": {"memory": "256Mi"}},
	"securityContext": {
		"readOnlyRootFilesystem": true,
		"allowPrivilegeEscalation": false,
		"capabilities": {"drop": ["ALL"]},
	},
	"volumeMounts": [
		{"name": "config", "mountPath": "/etc/consumer.yaml", "subPath": "consumer.yaml"},
		{"name": "loops", "mountPath": "/etc/loops"},
	],
	"startupProbe": {"httpGet": {"path": "/livez"}},
	"livenessProbe": {"httpGet": {"path": "/livez"}},
	"readinessProbe": {"httpGet": {"path": "/readyz"}},
}

init_container(command) := object.union(consumer_container, {"name": command, "args": [command]})

sound := [
	{"contents": {
		"kind": "Deployment",
		"metadata": {"name": "sound"},
		"spec": {
			"selector": {"matchLabels": {"app": "sound"}},
			"strategy": {"rollingUpdate": {"maxSurge": 0}},
			"template": {
				"metadata": {"labels": {"app": "sound"}},
				"spec": {
					"automountServiceAccountToken": false,
					"enableServiceLinks": false,
					"terminationGracePeriodSeconds": 35,
					"securityContext": {
						"runAsNonRoot": true,
						"runAsUser": 10001,
						"seccompProfile": {"type": "RuntimeDefault"},
					},
					"initContainers": [init_container("test"), init_container("check")],
					"containers": [consumer_container],
					"volumes": [
						{"name": "config", "configMap": {"name": "sound"}},
						{"name": "loops", "secret": {"secretName": "loops", "defaultMode": 288}},
						{"name": "tmp", "emptyDir": {"sizeLimit": "64Mi"}},
					],
				},
			},
		},
	}},
	{"contents": {
		"kind": "ConfigMap",
		"metadata": {"name": "sound"},
		"data": {"consumer.yaml": "delivery: {drain_s: 24.5}"},
	}},
	{"contents": {
		"kind": "PodDisruptionBudget",
		"metadata": {"name": "sound"},
		"spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "sound"}}},
	}},
	{"contents": {
		"kind": "NetworkPolicy",
		"metadata": {"name": "sound"},
		"spec": {
			"podSelector": {"matchLabels": {"app": "sound"}},
			"policyTypes": ["Ingress", "Egress"],
			"ingress": [{"from": [{"podSelector": {}}], "ports": [{"port": 9464}]}],
			"egress": [
				{"ports": [{"port": 9092}]},
				{"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.0.0/16"]}}], "ports": [{"port": 443}]},
			],
		},
	}},
]

pod := "/0/contents/spec/template/spec"

consumer := sprintf("%s/containers/0", [pod])

# What is said of the sound objects with one thing put in place of another, or taken away.
said_of(path, value) := said if {
	said := deny with input as json.patch(sound, [{"op": "add", "path": path, "value": value}])
}

said_without(path) := said if {
	said := deny with input as json.patch(sound, [{"op": "remove", "path": path}])
}

# Exactly one thing is said, and this stands in it.
only(said, text) if {
	count(said) == 1
	some one in said
	contains(one, text)
}

test_nothing_is_said_of_what_is_sound if count(deny) == 0 with input as sound
