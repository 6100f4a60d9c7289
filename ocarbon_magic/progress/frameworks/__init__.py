"""Training frameworks: noticed when they train, and asked for what they count themselves."""
