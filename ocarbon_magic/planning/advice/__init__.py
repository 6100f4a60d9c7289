"""What would have saved emissions, from a run's own figures: no figure, no advice."""
