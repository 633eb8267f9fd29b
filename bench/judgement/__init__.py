"""Which way of judging wakes people for what is planned, and how often for nothing: five judges, one stream."""
