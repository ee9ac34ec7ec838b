"""When a pipeline is due, its periods, and the picture of what depends on what."""
