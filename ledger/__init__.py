"""Finally approved entries are handed to the credit ledger, each exactly once."""
