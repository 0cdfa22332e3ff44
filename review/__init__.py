"""People decide on candidate entries."""
