"""Uploads become files, files become page images."""
