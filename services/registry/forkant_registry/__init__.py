"""registry: who is who, and how do we know. Owns actors, claims, conflicts between groups and calendar entries."""
