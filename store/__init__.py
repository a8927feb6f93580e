"""What desk and console remember: conversations, messages, readings, ownership, alerts."""
