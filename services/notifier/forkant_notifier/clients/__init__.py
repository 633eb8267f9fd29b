"""The ways out: routes to the phones, and the reports desk of threat-watch."""
