"""The lake: every row that was ever accepted, in Parquet files under one catalogue.

`engine` is the only place that speaks DuckDB. Everything is written through `commit` (door), which
tells new rows from repeated and revised ones (comparison), writes synced files (files) and lands
batches exactly once. Readers see the newest value of each key within their scope (newest, reading;
expressions for Ibis), under a role of the database that sees the lake's catalogue alone.
Compaction goes through the same lock. It does not know where rows come from, nor who approved them.
"""
