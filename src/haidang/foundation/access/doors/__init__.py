"""The guards of pages, API routes and raw streams. Each tells which capability it asks for."""
