"""What a dialogue, a meeting, its minutes and a promise are, and what may be done with them. State and time in, state
and events out: nothing here waits, reads a clock or knows a database."""
