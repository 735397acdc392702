package main

test_root if only(said_without(concat("", [pod, "/securityContext/runAsNonRoot"])), "runs as root, or may")

test_user_of_the_node if only(said_of(concat("", [pod, "/securityContext/runAsUser"]), 1000), "a user of the node's")

test_system_calls if only(said_without(concat("", [pod, "/securityContext/seccompProfile"])), "system calls")

test_token if only(said_without(concat("", [pod, "/automountServiceAccountToken"])), "a token of the API server")

test_service_links if only(said_of(concat("", [pod, "/enableServiceLinks"]), true), "is told of every service")

test_network_of_the_node if only(said_of(concat("", [pod, "/hostNetwork"]), true), "shares hostNetwork with the node")

test_disk_of_the_node if {
	volume := {"name": "disk", "hostPath": {"path": "/"}}
	only(said_of(concat("", [pod, "/volumes/-"]), volume), "the volume disk is neither")
}

test_volume_without_a_bound if only(said_without(concat("", [pod, "/volumes/2/emptyDir/sizeLimit"])), "can grow without a bound")

test_root_is_written if only(said_without(concat("", [consumer, "/securityContext/readOnlyRootFilesystem"])), "may write its root")

test_privileges if only(said_without(concat("", [consumer, "/securityContext/allowPrivilegeEscalation"])), "may gain privileges")

test_capability_added if {
	kept := {"drop": ["ALL"], "add": ["NET_RAW"]}
	only(said_of(concat("", [consumer, "/securityContext/capabilities"]), kept), "keeps capabilities")
}

test_every_image_that_moves if {
	every image in ["loops-consumer", "registry:5000/loops-consumer", "loops-consumer:latest"] {
		some message in said_of(concat("", [consumer, "/image"]), image)
		contains(message, "another one tomorrow")
	}
}

test_image_of_a_digest if {
	image := sprintf("loops-consumer@sha256:%s", [concat("", ["a" | some _ in numbers.range(1, 64)])])
	every message in said_of(concat("", [consumer, "/image"]), image) {
		not contains(message, "tomorrow")
	}
}

test_memory_beyond_the_promise if only(said_of(concat("", [consumer, "/resources/limits/memory"]), "1Gi"), "memory's limit")

test_memory_without_a_limit if only(said_without(concat("", [consumer, "/resources/limits"])), "memory's limit")

test_cpu_that_nobody_keeps if only(said_without(concat("", [consumer, "/resources/requests/cpu"])), "requests no CPU")

test_cpu_with_a_limit if only(said_of(concat("", [consumer, "/resources/limits/cpu"]), "1"), "its CPU has a limit")

test_a_pod_alone_is_judged_too if {
	alone := {"contents": {"kind": "Pod", "metadata": {"name": "alone"}, "spec": {"containers": [{"name": "x", "image": "y"}]}}}
	said := said_of("/-", alone)
	"Pod/alone: runs as root, or may" in said
	"Pod/alone/x: may write its root" in said
}
