"""Processes that a measured cell starts: they count the run's work, of a launch rank 0."""
