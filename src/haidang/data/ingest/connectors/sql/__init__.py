"""SQL pull: rows of a table or query of another database, read-only."""
