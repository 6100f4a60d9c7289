"""How work is counted: the cell's loops, bars, training frameworks, and by hand."""
