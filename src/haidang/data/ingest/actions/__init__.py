"""Everything that changes a source, a run or a waiting row."""
