#!/usr/bin/env bash
# Runs one of the program's commands in a pod of its own, beside the release loops-consumer in the namespace of the
# context, as: deploy/hand.sh why --user-id u1 --since beginning
#
# The pod is what the release makes its pods of, with its files (the key among them), its rights and its bounds, but runs
# once, and is removed when the command ends, whose status is this one's. By its labels the network policy holds for it,
# and nobody takes it for a consumer. No pod of the release has to run.
set -euo pipefail

if [ $# -eq 0 ]; then
  echo "deploy/hand.sh: say which command, as: deploy/hand.sh why --user-id u1" >&2
  exit 1
fi
release=app.kubernetes.io/name=loops-consumer,app.kubernetes.io/instance=loops-consumer
spec=$(kubectl get deployments,statefulsets --selector "$release" --output jsonpath='{.items[0].spec.template.spec}')

pod=loops-consumer-hand-$(date +%s)
echo "pod $pod" >&2

# kubectl writes the arguments into a container of its own making, out of which they are taken over.
kubectl run "$pod" --rm --stdin --tty --restart Never --image replaced \
  --labels "$release,app.kubernetes.io/component=hand" --override-type json --overrides '[
    {"op": "move", "from": "/spec/containers/0", "path": "/given"},
    {"op": "add", "path": "/spec", "value": '"$spec"'},
    {"op": "add", "path": "/spec/restartPolicy", "value": "Never"},
    {"op": "remove", "path": "/spec/initContainers"},
    {"op": "remove", "path": "/spec/containers/0/startupProbe"},
    {"op": "remove", "path": "/spec/containers/0/livenessProbe"},
    {"op": "remove", "path": "/spec/containers/0/readinessProbe"},
    {"op": "copy", "from": "/given/args", "path": "/spec/containers/0/args"},
    {"op": "add", "path": "/spec/containers/0/stdin", "value": true},
    {"op": "add", "path": "/spec/containers/0/stdinOnce", "value": true},
    {"op": "add", "path": "/spec/containers/0/tty", "value": true},
    {"op": "remove", "path": "/given"}
  ]' -- "$@"
