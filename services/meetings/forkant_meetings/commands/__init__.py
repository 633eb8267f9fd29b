"""What can be done in meetings: one function for each thing, one transaction each, committed before the answer."""
