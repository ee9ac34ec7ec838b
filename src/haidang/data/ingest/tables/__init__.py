"""The lists of data intake as tables: their columns, their orders, and what stands in a line."""
