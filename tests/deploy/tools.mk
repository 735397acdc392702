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
