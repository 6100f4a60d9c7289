"""The loops of a cell: rewritten so that they tell how far they are."""
