"""HTTP drivers: the JSON API and the web pages."""
