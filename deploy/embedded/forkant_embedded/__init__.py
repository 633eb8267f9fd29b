"""All of Forkant in one process: four services, one durable embedded bus, one SQLite file each."""
