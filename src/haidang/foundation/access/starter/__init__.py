"""The roles that the product ships."""
