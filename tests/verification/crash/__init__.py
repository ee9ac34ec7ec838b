"""The crash matrix: what breaks, at which stage of a load, and what is found afterwards."""
