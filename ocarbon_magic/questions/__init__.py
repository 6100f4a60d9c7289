"""What is asked in Python: each question knows the last run and the configuration."""
