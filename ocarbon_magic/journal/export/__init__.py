"""Runs as files for others to read: each module writes one format, a run at a time."""
