"""What is done with pipelines."""
