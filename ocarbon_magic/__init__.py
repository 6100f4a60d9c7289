"""Measured power and CO2e of a training cell, under the cell."""
