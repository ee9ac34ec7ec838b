"""A watched folder: files that another program drops below a folder of this machine."""
