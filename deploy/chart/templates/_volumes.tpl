{{/* Each of the directories is a volume of its own without subPath, so that Kubernetes renews its files. */}}
{{- define "loops-consumer.volumeMounts" -}}
{{- $directory := include "loops-consumer.directory" . -}}
- name: config
  mountPath: {{ $directory }}/consumer.yaml
  subPath: consumer.yaml
  readOnly: true
- name: mapping
  mountPath: {{ $directory }}/mapping
  readOnly: true
- name: loops
  mountPath: {{ $directory }}/secrets/loops
  readOnly: true
{{- if include "loops-consumer.kafkaSecret" . }}
- name: kafka
  mountPath: {{ $directory }}/secrets/kafka
  readOnly: true
{{- end }}
- name: tmp
  mountPath: /tmp
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Modes are decimal: 288 is 0440, for the pod's group, which fsGroup sets. */}}
{{- define "loops-consumer.volumes" -}}
- name: config
  configMap:
    name: {{ include "loops-consumer.fullname" . }}
- name: mapping
  {{- include "loops-consumer.mappingVolume" . | nindent 2 }}
- name: loops
  secret:
    secretName: {{ include "loops-consumer.loopsSecret" . }}
    defaultMode: 288
    items:
      - key: {{ .Values.externalSecret.enabled | ternary "api-key" .Values.loops.secretKey }}
        path: api-key
{{- with include "loops-consumer.kafkaSecret" . }}
- name: kafka
  secret:
    secretName: {{ . }}
    defaultMode: 288
{{- end }}
- name: tmp
  emptyDir:
    sizeLimit: {{ .Values.tmp.sizeLimit }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "loops-consumer.mappingVolume" -}}
{{- if include "loops-consumer.ownMapping" . -}}
configMap:
  name: {{ include "loops-consumer.fullname" . }}-mapping
  items:
    - key: mapping.yaml
      path: mapping.yaml
    {{- range $name, $_ := .Values.mapping.files }}
    - key: {{ include "loops-consumer.mappingKey" $name }}
      path: {{ $name }}
    {{- end }}
{{- else -}}
{{- if .Values.mapping.existingSecret -}}
secret:
  secretName: {{ .Values.mapping.existingSecret }}
  defaultMode: 288
{{- else -}}
configMap:
  name: {{ .Values.mapping.existingConfigMap }}
{{- end }}
{{- with .Values.mapping.items }}
  items:
    {{- toYaml . | nindent 4 }}
{{- end }}
{{- end }}
{{- end -}}

{{/* A file's key in a ConfigMap, which takes no slash. */}}
{{- define "loops-consumer.mappingKey" -}}
{{- . | replace "/" "__" -}}
{{- end -}}
