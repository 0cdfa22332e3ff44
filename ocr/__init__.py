"""Page images become text, text becomes documents with fields."""
