"""SFTP drop: files that another program leaves on its own server."""
