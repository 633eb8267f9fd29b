"""All the notifier's SQL: rows to domain and back. One file a noun."""
