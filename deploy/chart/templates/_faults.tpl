{{/* What no schema can say: rules between values. All that is wrong is told at once, as the program does it. */}}
{{- define "loops-consumer.check" -}}
{{- $faults := concat
  (include "loops-consumer.faultsOfSettings" . | fromJsonArray)
  (include "loops-consumer.faultsOfSecrets" . | fromJsonArray)
  (include "loops-consumer.faultsOfMapping" . | fromJsonArray)
-}}
{{- if $faults -}}
{{- fail (printf "\n\nThese values are wrong:\n  - %s\n" (join "\n  - " $faults)) -}}
{{- end -}}
{{- end -}}

{{- define "loops-consumer.faultsOfSecrets" -}}
{{- $faults := list -}}
{{- $external := .Values.externalSecret -}}
{{- if $external.enabled -}}
{{- if .Values.loops.existingSecret -}}
{{- $faults = append $faults "loops.existingSecret stands beside externalSecret.enabled; allowed: one of the two" -}}
{{- end -}}
{{- if not $external.secretStoreRef.name -}}
{{- $faults = append $faults "externalSecret.secretStoreRef.name is missing: which store is asked" -}}
{{- end -}}
{{- if not $external.apiKey.key -}}
{{- $faults = append $faults "externalSecret.apiKey.key is missing: where the key of Loops is in the store" -}}
{{- end -}}
{{- if and .Values.kafka.existingSecret $external.kafka -}}
{{- $faults = append $faults "kafka.existingSecret stands beside externalSecret.kafka; allowed: one of the two" -}}
{{- end -}}
{{- else -}}
{{- if not .Values.loops.existingSecret -}}
{{- $faults = append $faults (printf "loops.existingSecret is missing: the Secret that holds the key of Loops as %s" .Values.loops.secretKey) -}}
{{- end -}}
{{- if $external.kafka -}}
{{- $faults = append $faults "externalSecret.kafka counts only with externalSecret.enabled" -}}
{{- end -}}
{{- end -}}
{{- if and .Values.kafka.secretFiles (not (include "loops-consumer.kafkaSecret" .)) -}}
{{- $faults = append $faults "kafka.secretFiles needs a Secret: kafka.existingSecret or externalSecret.kafka" -}}
{{- end -}}
{{- $made := list -}}
{{- range $external.kafka -}}
{{- $made = append $made .file -}}
{{- end -}}
{{- range $property, $key := .Values.kafka.secretFiles -}}
{{- if and $made (not (has $key $made)) -}}
{{- $faults = append $faults (printf "kafka.secretFiles reads %s from %s, which externalSecret.kafka does not make; allowed: %s" $property $key (join ", " $made)) -}}
{{- end -}}
{{- end -}}
{{- toJson $faults -}}
{{- end -}}

{{- define "loops-consumer.faultsOfSettings" -}}
{{- $faults := list -}}
{{- if not .Values.kafka.bootstrapServers -}}
{{- $faults = append $faults "kafka.bootstrapServers is missing: host:port, once or more, comma separated" -}}
{{- end -}}
{{- range $name := list "sasl.password" "sasl.oauthbearer.client.secret" "ssl.key.password" "ssl.key.pem" "ssl.keystore.password" -}}
{{- if hasKey $.Values.settings.kafka.client $name -}}
{{- $faults = append $faults (printf "settings.kafka.client holds %s, which anyone who may read ConfigMaps would read; allowed: a key of kafka.existingSecret, named in kafka.secretFiles" $name) -}}
{{- end -}}
{{- end -}}
{{- $timeout := dig "timeout_s" 10 .Values.settings.loops -}}
{{- $drain := .Values.settings.delivery.drain_s -}}
{{- if lt (float64 $drain) (addf $timeout 5) -}}
{{- $faults = append $faults (printf "settings.delivery.drain_s is %v; allowed: at least %v, which is settings.loops.timeout_s + 5" $drain (addf $timeout 5)) -}}
{{- end -}}
{{- toJson $faults -}}
{{- end -}}

{{- define "loops-consumer.faultsOfMapping" -}}
{{- $faults := list -}}
{{- $mapping := .Values.mapping -}}
{{- if and $mapping.existingConfigMap $mapping.existingSecret -}}
{{- $faults = append $faults "mapping.existingConfigMap stands beside mapping.existingSecret; allowed: one of the two" -}}
{{- end -}}
{{- if include "loops-consumer.ownMapping" . -}}
{{- if not (trim $mapping.inline) -}}
{{- $faults = append $faults "mapping.inline is empty; allowed: the text of a mapping, or an existing ConfigMap or Secret" -}}
{{- end -}}
{{- if hasKey $mapping.files "mapping.yaml" -}}
{{- $faults = append $faults "mapping.files holds mapping.yaml, which is mapping.inline" -}}
{{- end -}}
{{- if $mapping.items -}}
{{- $faults = append $faults "mapping.items counts only with mapping.existingConfigMap or mapping.existingSecret" -}}
{{- end -}}
{{- else -}}
{{- if $mapping.files -}}
{{- $faults = append $faults "mapping.files stands beside an existing ConfigMap or Secret, which holds all files of the mapping" -}}
{{- end -}}
{{- if eq $mapping.onChange "rollOut" -}}
{{- $faults = append $faults "mapping.onChange is rollOut, which the chart can do only for a mapping in its values: it does not see an existing one change" -}}
{{- end -}}
{{- end -}}
{{- toJson $faults -}}
{{- end -}}
