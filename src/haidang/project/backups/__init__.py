"""Backup and restore: database, lake, stored files and journal as of one moment, in one folder.

DEST/manifest.json    version, moment, and every file with its size and digest; written last
DEST/database.dump    pg_dump's custom format
DEST/lake, files, journal, and the small files of the data folder itself
"""
