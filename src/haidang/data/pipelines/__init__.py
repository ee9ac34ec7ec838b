"""Pipelines: datasets of the lake made into another by one versioned statement.

A pipeline reads declared datasets and writes one. Its statement is written as a draft, tried on
the real rows, switched on by a second person, and run by the clock, when an input has landed, by
hand, or over past periods. What it writes is a load of ingest like any other: one batch, with its
receipt, its waiting rows, its duplicates and revisions, and its pedigree.
"""
