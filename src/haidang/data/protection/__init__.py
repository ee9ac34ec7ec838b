"""Protection of what the law protects: personal data shown masked, removal with its tombstones.

Lower than the lake and intake, which ask it what may be shown and what may not come again, and
which register here how rows and files of theirs are removed.
"""
