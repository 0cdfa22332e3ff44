"""HTTP bodies of the JSON API: what goes in and out, checked."""
