"""What is particular to one type of document, after its form has been read: one module a type, each with `refine`."""
