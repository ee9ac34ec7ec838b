"""Pages under /console/units/."""
