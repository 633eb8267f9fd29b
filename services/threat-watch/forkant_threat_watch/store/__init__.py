"""What is read from and written to disk and database. The only room (with `tables`) that speaks SQL."""
