"""Pure rules of reports: steps, numbers as people write them, checks, deadlines."""
