"""Reads of accounts, scopes and keys."""
