"""Runs side by side: what each had, how they differ, and whether that is more than is unsure."""
