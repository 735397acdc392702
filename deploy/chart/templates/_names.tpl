{{- define "loops-consumer.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* At most 52 characters: what is put behind it, and behind that by a StatefulSet, must fit in 63. */}}
{{- define "loops-consumer.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains (include "loops-consumer.name" .) .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "loops-consumer.name" .) | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What selects every pod of the release, those of helm test and of deploy/hand.sh too. Never changes. */}}
{{- define "loops-consumer.releaseLabels" -}}
app.kubernetes.io/name: {{ include "loops-consumer.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* What selects the consumers alone. Never changes. */}}
{{- define "loops-consumer.selectorLabels" -}}
{{ include "loops-consumer.releaseLabels" . }}
app.kubernetes.io/component: consumer
{{- end -}}

{{/* Of every object but pods. */}}
{{- define "loops-consumer.labels" -}}
{{ include "loops-consumer.releaseLabels" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | trunc 63 | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "loops-consumer.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "loops-consumer.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "loops-consumer.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{/* The Secret with the key of Loops. */}}
{{- define "loops-consumer.loopsSecret" -}}
{{- if .Values.externalSecret.enabled -}}
{{- include "loops-consumer.fullname" . }}-loops
{{- else -}}
{{- .Values.loops.existingSecret -}}
{{- end -}}
{{- end -}}

{{/* The Secret with Kafka's files; empty: there is none. */}}
{{- define "loops-consumer.kafkaSecret" -}}
{{- if .Values.externalSecret.kafka -}}
{{- include "loops-consumer.fullname" . }}-kafka
{{- else -}}
{{- .Values.kafka.existingSecret -}}
{{- end -}}
{{- end -}}

{{/* Whether the chart makes the mapping's ConfigMap. */}}
{{- define "loops-consumer.ownMapping" -}}
{{- if not (or .Values.mapping.existingConfigMap .Values.mapping.existingSecret) -}}true{{- end -}}
{{- end -}}

{{/* Where the program's files are, as the image has them. */}}
{{- define "loops-consumer.directory" -}}
/etc/loops-consumer
{{- end -}}

{{/* A file of the chart, its links to the runbook led to where that is: (list . path). */}}
{{- define "loops-consumer.withRunbook" -}}
{{- $root := first . -}}
{{- $ours := "https://github.com/loops-consumer/loops-consumer/blob/main/deploy/RUNBOOK.md" -}}
{{- last . | $root.Files.Get | replace $ours $root.Values.monitoring.runbookUrl -}}
{{- end -}}
