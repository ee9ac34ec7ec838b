"""Readings in memory: the columns of the lake's own files, for questions about few rows.

The lake's files never change, so that a block decoded from one stays true for as long as the
catalogue names the file. What the catalogue names at one snapshot, less what revisions replace
and hidden batches brought, is what the lake itself would answer; nothing else is kept.
"""
