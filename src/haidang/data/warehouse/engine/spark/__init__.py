"""The lake read by Spark: the same statements and Ibis expressions over the same files."""
