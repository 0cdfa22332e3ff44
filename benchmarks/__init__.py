"""Measurements on the fixtures: accuracy and speed. Scripts, not product code."""
