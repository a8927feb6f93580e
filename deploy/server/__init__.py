"""Puts the assistant on a server: users, folders, units, proxy, releases.

Runs under the server's own Python, as root, before any environment of the assistant is there:
the standard library alone.
"""
