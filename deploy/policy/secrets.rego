# Where secrets are: in Secrets that others make, and in files.
package main

deny contains sprintf("Secret/%s: the chart holds a secret, and so does every place that keeps its values", [one.metadata.name]) if {
	some one in objects
	one.kind == "Secret"
}

deny contains sprintf("%s: %s comes from a Secret as a variable, which does not rotate and is seen in crash dumps", [name, variable.name]) if {
	some name, container in containers
	some variable in container.env
	variable.valueFrom.secretKeyRef
}

# With subPath Kubernetes never renews the file. consumer.yaml is read once, so there it does no harm.
deny contains sprintf("%s: %s does not change until a restart", [name, mount.mountPath]) if {
	some name, container in containers
	some mount in container.volumeMounts
	mount.subPath
	mount.name != "config"
}

deny contains sprintf("%s: a Secret's files are open to every user of the container", [name]) if {
	some name, spec in pods
	some volume in spec.volumes
	volume.secret
	object.get(volume.secret, "defaultMode", 420) % 8 != 0
}
