"""Starts, watches and ends the processes: `make run`, `make ask`, `make trace`, `make test`."""
