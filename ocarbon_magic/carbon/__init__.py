"""Joules to grams."""
