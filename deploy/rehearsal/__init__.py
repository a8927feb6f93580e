"""Follows docs/server.md on a fresh Debian, and kills what it has put there."""
