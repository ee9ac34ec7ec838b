"""NGSI-LD: entities of one type, asked of a context broker page by page."""
