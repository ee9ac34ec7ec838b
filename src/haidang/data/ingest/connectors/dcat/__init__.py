"""DCAT: the datasets of a catalogue in JSON-LD, or in the data.json of portals."""
