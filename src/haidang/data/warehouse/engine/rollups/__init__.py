"""Roll-ups by hour and series of the lake's large files: made once, true as long as the file.

A data file never changes, so neither does its roll-up: what comes late, revises, withholds, removes
or merges rows makes other files. `listing` says which files have a roll-up, `keeping` makes them
and drops those of files that went, `asking` answers questions with them, and with rows where they
do not serve.
"""
