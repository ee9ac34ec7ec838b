"""Writes: accounts, grants of roles, API keys."""
