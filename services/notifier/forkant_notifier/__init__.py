"""Duty, pages and attempts, routes to the phones, the duty desk and the login. Nothing leaks."""
