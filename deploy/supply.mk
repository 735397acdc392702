# What is built and shipped, and what one may ask of it: the image, its bill of materials, licences, known flaws.

# docker build, or another that takes its arguments: podman build, buildah bud.
BUILD ?= docker build
VERSION := $(shell sed -nE 's/^version = "(.*)"/\1/p' pyproject.toml)
IMAGE ?= loops-consumer:$(VERSION)

.PHONY: image

image: ## Build the image; BUILD='podman build', IMAGE=NAME:TAG, PYTHON_IMAGE=ANOTHER-BASE
	$(BUILD) --file deploy/Dockerfile --tag $(IMAGE) $(if $(PYTHON_IMAGE),--build-arg PYTHON_IMAGE=$(PYTHON_IMAGE)) \
		--build-arg VERSION=$(VERSION) --build-arg COMMIT=$$(git rev-parse HEAD 2>/dev/null || echo unknown) .

# What the image holds, installed as in the image, and the tools that look at it; neither is of use to the program.
SUPPLY := $(CURDIR)/.cache/deploy
HELD := $(SUPPLY)/held
LOOKING := $(SUPPLY)/supply/bin

$(SUPPLY)/supply/.ready: requirements-supply.lock | setup
	@mkdir -p $(SUPPLY)
	$(BIN)/python -m venv --clear $(@D)
	$(LOOKING)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(HELD)/.ready: requirements-image.lock $(SUPPLY)/supply/.ready
	$(BIN)/python -m venv --clear --without-pip $(@D)
	$(LOOKING)/pip --python $(@D)/bin/python install --quiet --disable-pip-version-check --only-binary :all: --no-deps \
		--require-hashes -r $<
	@touch $@

.PHONY: supply sbom licences audit

supply: $(SUPPLY)/supply/.ready $(HELD)/.ready

SBOM ?= build/sbom.cdx.json

sbom: supply ## Write the bill of materials, CycloneDX, of the image's packages to SBOM=build/sbom.cdx.json
	@mkdir -p $(dir $(SBOM))
	$(LOOKING)/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --output-file $(SBOM) $(HELD)/bin/python

licences: supply ## Write the licences of the image's packages into docs/licences.md
	$(BIN)/python -m tests.deploy.licences

# Where advisories are asked for, in the form of https://osv.dev. A package that cannot be asked about fails it too.
ADVISORIES ?= https://api.osv.dev/v1/query

audit: supply ## Ask for known flaws of the image's packages; fails with one
	$(LOOKING)/pip-audit --requirement requirements-image.lock --disable-pip --require-hashes --strict \
		--vulnerability-service osv --osv-url $(ADVISORIES) --progress-spinner off
