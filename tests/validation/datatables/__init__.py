"""The rules that the tables in ``ocarbon_magic/data`` keep, and what a refresh has changed."""
