# All objects of one rendering are judged together: conftest test --combine.
package main

objects := [one.contents | some one in input; one.contents.kind]

workloads := [one | some one in objects; one.kind in {"Deployment", "StatefulSet"}]

# Every pod, by the name of the object that makes it.
pods[name] := spec if {
	some one in workloads
	name := sprintf("%s/%s", [one.kind, one.metadata.name])
	spec := one.spec.template.spec
}

pods[name] := spec if {
	some one in objects
	one.kind == "Pod"
	name := sprintf("Pod/%s", [one.metadata.name])
	spec := one.spec
}

# Every container, by its pod's name and its own.
containers[name] := container if {
	some pod, spec in pods
	some container in array.concat(object.get(spec, "initContainers", []), spec.containers)
	name := sprintf("%s/%s", [pod, container.name])
}

# The settings that the workloads mount.
settings := yaml.unmarshal(text) if {
	some one in objects
	one.kind == "ConfigMap"
	text := one.data["consumer.yaml"]
}
