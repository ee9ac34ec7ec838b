"""Files that administrators bring: lists of changes as CSV or XLSX."""
