# Shortcuts for the Nx targets of the pipeline. `make help` explains them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Node 24 comes with the workspace: its folder goes first, whatever Node the machine has.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
# Compiled code is kept between runs: small programs start in half the time.
export NODE_COMPILE_CACHE := $(CURDIR)/.nx/compile-cache

NX := nx
PIPELINE := node tools/src/pipeline/main.ts

.PHONY: help setup full app build catalog deploy test test-app test-build test-catalog test-deploy \
        status rollback supervise destroy report clean

help: ## Show this page
	@awk 'BEGIN { FS = ":[^#]*## "; print "Fast MCP Server: one commit, four phases, a live MCP endpoint.\n\n  app (test) -> build (container) -> catalog (push) -> deploy\n" } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^##\$$ / { printf "  %s\n", substr($$0, 5) } \
	  /^[a-z-]+:[^#]*## / { printf "  make %-14s%s\n", $$1, $$2 }' Makefile

setup: ## Install what the workspace needs; quick when there is nothing to do
	@tools/setup.sh

##@ The pipeline
full: setup ## All four phases: from this commit to a live, validated HTTPS endpoint
	@$(PIPELINE) full
app: setup ## Phase 1: lint, typecheck, tests with coverage, the server answers on this machine
	@$(PIPELINE) app
build: setup ## Phase 2: the container image, proven by running it
	@$(PIPELINE) build
catalog: setup ## Phase 3: the image in the registry, proven by pulling and running it
	@$(PIPELINE) catalog
deploy: setup ## Phase 4: the service behind its load balancer, proven at its public endpoint
	@$(PIPELINE) deploy

##@ Validation only: the checks of one phase on what is already there
test: setup ## Every test of every project, the slow ones too
	@$(PIPELINE) test
test-app: setup ## Checks of phase 1
	@$(PIPELINE) app --only
test-build: setup ## Checks of phase 2
	@$(PIPELINE) build --only
test-catalog: setup ## Checks of phase 3
	@$(PIPELINE) catalog --only
test-deploy: setup ## Checks of phase 4
	@$(PIPELINE) deploy --only

##@ What is running
status: setup ## What is deployed, by which commit, and whether it is healthy (exit 3: nothing is); WATCH=1: live
	@node apps/infra/src/status/main.ts $(if $(WATCH),--watch)
rollback: setup ## Back to the version before, or to SHA=...
	@$(NX) run infra:rollback $(if $(SHA),-- $(SHA))
supervise: setup ## Restore what dies on this machine, at once, until interrupted
	@node apps/infra/src/supervise/main.ts
destroy: setup ## Stop and remove everything that deploy started
	@$(NX) run infra:destroy
report: setup ## The report of all phases as one page: dist/report/index.html
	@node tools/src/report/main.ts

##@ Housekeeping
clean: setup ## Remove what the phases made; a live deployment stays
	@$(NX) run mcp-server:clean

##@ Variables (accepted values and defaults: README.md)
##$ ECR_REGISTRY         Image registry to push to; set: deploy to AWS, unset: to this machine
##$ ECR_REPOSITORY       Repository of the image
##$ CDK_DEFAULT_ACCOUNT  AWS account to deploy to
##$ CDK_DEFAULT_REGION   AWS region to deploy to
##$ VPC_ID               Existing VPC for the service on AWS
##$ STAGE                Stage on AWS, part of the name of the stack
##$ CERTIFICATE_ARN      Certificate of the endpoint on AWS
##$ DOMAIN_NAME          Name of the endpoint on AWS; without one CloudFront gives it
##$ HOSTED_ZONE_ID       Route 53 zone of DOMAIN_NAME
##$ ALLOW_PLAIN_HTTP     Serve plain HTTP on AWS; never with authentication
##$ PRIVATE_SUBNETS      Run the tasks on AWS in private subnets
##$ WAF                  Put a web application firewall before the endpoint on AWS
##$ ALARM_TOPIC_ARN      SNS topic that alarms go to
##$ ACCESS_LOG_BUCKET    Bucket for the load balancer's access logs
##$ DATA_BUCKETS         Buckets whose packages the server on AWS may read
##$ DATA_WRITE           The server on AWS may also write to them
##$ SERVER_ENVIRONMENT   Variables of the server on AWS
##$ COSIGN_KEY           Key that signs the image
##$ BASE_IMAGE           Base image with Node 24 for the container
##$ CONTAINER_ENGINE     docker or podman
##$ LOCAL_HTTPS_PORT     Port of the HTTPS endpoint on this machine
