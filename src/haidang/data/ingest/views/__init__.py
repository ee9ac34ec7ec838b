"""The pages under /console/sources/."""
