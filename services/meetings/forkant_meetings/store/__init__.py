"""All SQL of meetings: rows to domain and back. One file a noun."""
