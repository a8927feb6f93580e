# The commands of the assistant. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
SETUP := $(PYTHON) -m setup
BRAIN := .venv/brain/bin/python
DESK := .venv/desk/bin/python

# Rasa must not phone home, and must find its bytecode instead of compiling it at every start.
export RASA_TELEMETRY_ENABLED := false
export SQLALCHEMY_SILENCE_UBER_WARNING := 1
export TF_CPP_MIN_LOG_LEVEL := 3
unexport PYTHONDONTWRITEBYTECODE
export TEXT FILE BANKING EMAIL OLD NEW

.PHONY: help
help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.PHONY: setup
setup: ## make the two environments and the sentence encoder (skipped when nothing changed)
	@$(SETUP)

.PHONY: train
train: setup ## train the model (skipped when data, configuration and code did not change)
	@$(BRAIN) -m setup.train

.PHONY: run
run: setup ## set up, train, start; prints the address
	@$(DESK) -m supervisor.run

.PHONY: ask
ask: train ## read one message a line from standard input, write one JSON object a line
	@$(DESK) -m supervisor.ask

.PHONY: trace
trace: train ## show every station of one turn: make trace TEXT="how much is it"
	@$(DESK) -m supervisor.trace

.PHONY: shell
shell: train ## talk with the brain in the terminal, custom actions included
	@$(BRAIN) -W ignore -m brain.rasa_alone shell --model "models/$$(cat models/current).tar.gz"

.PHONY: reset-staff
reset-staff: setup ## lost password or phone of staff, when no administrator can help: make reset-staff EMAIL=...
	@$(DESK) -m supervisor.reset_staff

.PHONY: audit
audit: setup ## check the chain of what staff did; says which row was changed or is missing
	@$(DESK) -m supervisor.audit

.PHONY: audit-deps
audit-deps: setup ## ask a vulnerability service about what is installed; says "not audited" where none answers
	@$(DESK) -m checks.dependencies

.PHONY: rotate-keys
rotate-keys: setup ## make a new master key for the words in the database; the assistant may run
	@$(DESK) -m supervisor.rotate_keys

.PHONY: backup
backup: setup ## write database and settings to one encrypted file in state/backups; the assistant may run
	@$(DESK) -m supervisor.backup

.PHONY: doctor
doctor: ## find what is wrong with this installation, and the remedy for each; changes nothing
	@test -x $(DESK) || { echo "BROKEN   Python environments are missing. Run \`make setup\`."; exit 2; }
	@$(DESK) -m supervisor.doctor

.PHONY: restore
restore: setup ## put a backup back, the assistant being stopped: make restore FILE=state/backups/...
	@$(DESK) -m supervisor.restore

.PHONY: test
test: train ## set up, run every test
	@$(DESK) -m supervisor.test

.PHONY: check
check: train ## lint, types, data validation, reading grades, counts
	@$(DESK) -m checks

.PHONY: eval
eval: train ## measure recognition and risk; or your own messages: make eval FILE=messages.csv
	@$(DESK) -m benchmarks.evaluate

.PHONY: masking
masking: setup ## measure how many identifiers masking finds, and its false alarms
	@$(DESK) -m benchmarks.masking

.PHONY: answers
answers: setup ## write every text that can be said on one page, for review
	@$(DESK) -m answers.review

.PHONY: bench
bench: train ## measure this assistant beside the stock one, and 50 text messages a second
	@$(DESK) -m benchmarks
	@$(DESK) -m benchmarks.texting

.PHONY: bench-inbox
bench-inbox: train ## measure how soon a message is on the screen of staff, in a full inbox
	@$(DESK) -m benchmarks.inbox

.PHONY: bench-hostile
bench-hostile: train ## measure visitors' p95 and the desk's memory during attacks, alone and behind nginx
	@$(DESK) -m benchmarks.hostile

.PHONY: bench-texts
bench-texts: train ## measure 50 text messages a second, and the web while the provider hangs
	@$(DESK) -m benchmarks.texting

.PHONY: bench-small
bench-small: setup ## measure set-up, training and ten minutes of questions with 1 processor and 3 GB (root)
	@$(DESK) -m benchmarks.small_server

.PHONY: channels
channels: setup ## say what is still missing to be reached by text message and Slack
	@$(DESK) -m desk.channels.checking

.PHONY: bench-review
bench-review: setup ## measure the pages of review with 1,000,000 messages, on SQLite and PostgreSQL
	@$(DESK) -m benchmarks.review

.PHONY: upgrade
upgrade: ## put a newer source in use on this server, after git pull; goes back by itself if it must: sudo make upgrade
	@$(PYTHON) -B -m deploy.server.upgrade

.PHONY: rollback
rollback: ## go back to the release before, database included: sudo make rollback
	@$(PYTHON) -B -m deploy.server.upgrade --back

.PHONY: restore-server
restore-server: ## put a backup back on this server: sudo make restore-server FILE=...
	@$(PYTHON) -B -m deploy.server.restore "$(FILE)"

.PHONY: rehearse-upgrade
rehearse-upgrade: train ## back up, upgrade and break upgrades of a server under load: OLD=HEAD~1 make rehearse-upgrade
	@$(DESK) -m benchmarks.upgrading

.PHONY: lock
lock: ## write the hash-locked requirements anew from the .in files
	@$(PYTHON) -m setup.lock
	@$(SETUP)
	@$(DESK) -m setup.notices

.PHONY: deploy-server
deploy-server: ## put the assistant on this server: sudo make deploy-server DOMAIN=... CONSOLE=... (docs/server.md)
	@$(PYTHON) -B -m deploy.server.install --domain "$(DOMAIN)" --console "$(CONSOLE)" \
		--email "$(EMAIL)" --certificate "$(CERTIFICATE)" --key "$(KEY)" --acme "$(ACME)" \
		--staff-networks "$(STAFF_NETWORKS)"

.PHONY: rehearse-server
rehearse-server: ## follow docs/server.md word by word on a fresh Debian in a folder (root, 10 minutes)
	@$(PYTHON) -B -m deploy.rehearsal.rehearse $(if $(PYTHON310),--python "$(PYTHON310)")
