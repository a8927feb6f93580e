"""Tells staff of alerts: by e-mail and webhook, at once and again until one acknowledges."""
