"""Pages under /console/reports/."""
