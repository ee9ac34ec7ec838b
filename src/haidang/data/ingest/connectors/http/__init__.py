"""HTTP pull: a web service asked page by page, or a file under an address."""
