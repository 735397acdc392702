# What a pod may do: nothing that it does not need. Stricter than the Pod Security Standard "restricted".
package main

deny contains sprintf("%s: runs as root, or may", [name]) if {
	some name, spec in pods
	not spec.securityContext.runAsNonRoot
}

deny contains sprintf("%s: has a user of the node's; allowed: 10000 and above", [name]) if {
	some name, spec in pods
	object.get(spec, ["securityContext", "runAsUser"], 0) < 10000
}

deny contains sprintf("%s: its system calls are not filtered: seccompProfile RuntimeDefault", [name]) if {
	some name, spec in pods
	object.get(spec, ["securityContext", "seccompProfile", "type"], "") != "RuntimeDefault"
}

deny contains sprintf("%s: has a token of the API server, which it never asks", [name]) if {
	some name, spec in pods
	object.get(spec, "automountServiceAccountToken", true)
}

deny contains sprintf("%s: is told of every service by its environment", [name]) if {
	some name, spec in pods
	object.get(spec, "enableServiceLinks", true)
}

deny contains sprintf("%s: shares %s with the node", [name, shared]) if {
	some name, spec in pods
	some shared in {"hostNetwork", "hostPID", "hostIPC"}
	spec[shared]
}

deny contains sprintf("%s: the volume %s is neither a ConfigMap, a Secret nor an emptyDir", [name, volume.name]) if {
	some name, spec in pods
	some volume in spec.volumes
	count({"configMap", "secret", "emptyDir"} & object.keys(volume)) == 0
}

deny contains sprintf("%s: the volume %s can grow without a bound", [name, volume.name]) if {
	some name, spec in pods
	some volume in spec.volumes
	volume.emptyDir
	not volume.emptyDir.sizeLimit
}

deny contains sprintf("%s: may write its root", [name]) if {
	some name, container in containers
	not container.securityContext.readOnlyRootFilesystem
}

deny contains sprintf("%s: may gain privileges", [name]) if {
	some name, container in containers
	object.get(container, ["securityContext", "allowPrivilegeEscalation"], true)
}

deny contains sprintf("%s: keeps capabilities", [name]) if {
	some name, container in containers
	object.get(container, ["securityContext", "capabilities"], {}) != {"drop": ["ALL"]}
}

deny contains sprintf("%s: its image may be another one tomorrow", [name]) if {
	some name, container in containers
	not regex.match(`@sha256:[0-9a-f]{64}$|:[A-Za-z0-9_][A-Za-z0-9._-]*$`, container.image)
}

deny contains sprintf("%s: its image may be another one tomorrow", [name]) if {
	some name, container in containers
	endswith(container.image, ":latest")
}

# A pod that was promised less than it may take is the first to be killed where the node is short.
deny contains sprintf("%s: its memory's limit is not what it requests", [name]) if {
	some name, container in containers
	object.get(container, ["resources", "limits", "memory"], "none") != object.get(container, ["resources", "requests", "memory"], "")
}

deny contains sprintf("%s: requests no CPU", [name]) if {
	some name, container in containers
	not container.resources.requests.cpu
}

# Throttled, the poll loop would be late, and the group would put the pod out.
deny contains sprintf("%s: its CPU has a limit", [name]) if {
	some name, container in containers
	container.resources.limits.cpu
}
