"""CKAN: the list of datasets that an open data portal has, or the tables of one of them."""
