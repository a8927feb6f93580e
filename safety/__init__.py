"""Finds words of risk in a person's message, by rules and by meaning."""
