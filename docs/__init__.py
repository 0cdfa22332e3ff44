"""The papers; here only so that `python -m docs.make_settings` works."""
