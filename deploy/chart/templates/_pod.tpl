{{/* The pods of Deployment and StatefulSet. */}}
{{- define "loops-consumer.podTemplate" -}}
metadata:
  labels:
    {{- include "loops-consumer.selectorLabels" . | nindent 4 }}
    app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | trunc 63 | quote }}
    {{- with .Values.commonLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    {{- with .Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    # consumer.yaml is read once. The mapping and the secrets are read again by the program itself.
    checksum/config: {{ include "loops-consumer.consumerYaml" . | sha256sum }}
    {{- if eq .Values.mapping.onChange "rollOut" }}
    checksum/mapping: {{ dict "inline" .Values.mapping.inline "files" .Values.mapping.files | toJson | sha256sum }}
    {{- end }}
    kubectl.kubernetes.io/default-container: consumer
    {{- with .Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "loops-consumer.serviceAccountName" . }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  # settings.delivery.drain_s and 10 s
  terminationGracePeriodSeconds: {{ include "loops-consumer.graceSeconds" . }}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  securityContext:
    {{- toYaml .Values.podSecurityContext | nindent 4 }}
  initContainers:
    # A pod that would run a faulty mapping, or one whose tests fail, ends here, with the reason in its log; the pods
    # that run stay. test shows why a test fails; check looks at the settings, the key and the certificates besides.
    - name: test
      args: [test, --config, {{ include "loops-consumer.directory" . }}/consumer.yaml]
      {{- include "loops-consumer.container" . | nindent 6 }}
    - name: check
      args: [check, --config, {{ include "loops-consumer.directory" . }}/consumer.yaml]
      {{- include "loops-consumer.container" . | nindent 6 }}
  containers:
    - name: consumer
      args: [run, --config, {{ include "loops-consumer.directory" . }}/consumer.yaml]
      {{- include "loops-consumer.container" . | nindent 6 }}
      ports:
        - name: admin
          containerPort: {{ include "loops-consumer.port" . }}
          protocol: TCP
      startupProbe:
        httpGet: {path: /livez, port: admin}
        {{- toYaml .Values.probes.startup | nindent 8 }}
      livenessProbe:
        httpGet: {path: /livez, port: admin}
        {{- toYaml .Values.probes.liveness | nindent 8 }}
      readinessProbe:
        httpGet: {path: /readyz, port: admin}
        {{- toYaml .Values.probes.readiness | nindent 8 }}
  volumes:
    {{- include "loops-consumer.volumes" . | nindent 4 }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if .Values.topologySpread.enabled }}
  topologySpreadConstraints:
    {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
    - topologyKey: {{ . }}
      maxSkew: 1
      whenUnsatisfiable: {{ $.Values.topologySpread.whenUnsatisfiable }}
      labelSelector:
        matchLabels:
          {{- include "loops-consumer.selectorLabels" $ | nindent 10 }}
      {{- if not $.Values.kafka.staticMembership }}
      matchLabelKeys: [pod-template-hash]
      {{- end }}
    {{- end }}
  {{- end }}
{{- end -}}

{{/* What all containers share: the same image, files, rights and bounds. */}}
{{- define "loops-consumer.container" -}}
image: {{ include "loops-consumer.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- if or .Values.kafka.staticMembership .Values.extraEnv }}
env:
  {{- if .Values.kafka.staticMembership }}
  - name: LOOPS_CONSUMER__KAFKA__GROUP_INSTANCE_ID
    valueFrom:
      fieldRef:
        fieldPath: metadata.name
  {{- end }}
  {{- with .Values.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
resources:
  {{- toYaml .Values.resources | nindent 2 }}
securityContext:
  {{- toYaml .Values.securityContext | nindent 2 }}
volumeMounts:
  {{- include "loops-consumer.volumeMounts" . | nindent 2 }}
{{- end -}}
