"""A jurisdiction's rules judge fields into findings and a recommendation."""
