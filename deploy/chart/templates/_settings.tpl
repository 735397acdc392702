{{/* The admin port: fixed, so that probes, the network policy and PodMonitor agree. */}}
{{- define "loops-consumer.port" -}}
9464
{{- end -}}

{{/* consumer.yaml: the settings, and what the chart itself knows. Names of files are relative to it. */}}
{{- define "loops-consumer.consumerYaml" -}}
{{- $kafka := dict "bootstrap_servers" .Values.kafka.bootstrapServers -}}
{{- if .Values.kafka.secretFiles -}}
{{- $files := dict -}}
{{- range $property, $key := .Values.kafka.secretFiles -}}
{{- $_ := set $files $property (printf "secrets/kafka/%s" $key) -}}
{{- end -}}
{{- $_ := set $kafka "client_files" $files -}}
{{- end -}}
{{- $own := dict
  "kafka" $kafka
  "loops" (dict "api_key_file" "secrets/loops/api-key")
  "admin" (dict "port" (include "loops-consumer.port" . | int))
  "mapping" "mapping/mapping.yaml"
-}}
{{- mustMergeOverwrite (mustDeepCopy .Values.settings) $own | toYaml -}}
{{- end -}}

{{/* Seconds: the drain's, rounded up, and 10 for what Kubernetes itself needs until the process has the signal. */}}
{{- define "loops-consumer.graceSeconds" -}}
{{- add (ceil .Values.settings.delivery.drain_s) 10 -}}
{{- end -}}

{{/* The brokers' ports, as a JSON list. */}}
{{- define "loops-consumer.kafkaPorts" -}}
{{- $ports := list -}}
{{- range splitList "," .Values.kafka.bootstrapServers -}}
{{- $ports = append $ports (splitList ":" (trim .) | last | int) -}}
{{- end -}}
{{- range .Values.networkPolicy.kafka.ports -}}
{{- $ports = append $ports (int .) -}}
{{- end -}}
{{- uniq $ports | toJson -}}
{{- end -}}

{{/* Ports of the addresses that are comma separated, as a JSON list. */}}
{{- define "loops-consumer.portsOf" -}}
{{- $ports := list -}}
{{- range splitList "," . -}}
{{- $url := urlParse (trim .) -}}
{{- $port := regexFind ":[0-9]+$" $url.host | trimPrefix ":" -}}
{{- $ports = append $ports (default (ternary 443 80 (eq $url.scheme "https")) $port | int) -}}
{{- end -}}
{{- uniq $ports | toJson -}}
{{- end -}}
