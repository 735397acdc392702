# What is built and shipped, and what one may ask of it: the image, its bill of materials, licences, known flaws.

# docker build, or another that takes its arguments: podman build, buildah bud.
BUILD ?= docker build
VERSION := $(shell sed -nE 's/^version = "(.*)"/\1/p' pyproject.toml)
IMAGE ?= loops-consumer:$(VERSION)

.PHONY: image

image: ## Build the image; BUILD='podman build', IMAGE=NAME:TAG, PYTHON_IMAGE=ANOTHER-BASE
	$(BUILD) --file deploy/Dockerfile --tag $(IMAGE) $(if $(PYTHON_IMAGE),--build-arg PYTHON_IMAGE=$(PYTHON_IMAGE)) \
		--build-arg VERSION=$(VERSION) --build-arg COMMIT=$$(git rev-parse HEAD 2>/dev/null || echo unknown) .
