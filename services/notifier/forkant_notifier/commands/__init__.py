"""One function for each thing that can be done: one command, one transaction, committed before the answer."""
