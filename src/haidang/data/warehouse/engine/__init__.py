"""DuckDB and DuckLake: the only place that speaks to them. Nothing is imported until needed."""
