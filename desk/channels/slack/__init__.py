"""Slack: direct messages with the assistant's app."""
