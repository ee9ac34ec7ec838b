"""Pages of the dictionary, of figures, of entering and of deciding."""
