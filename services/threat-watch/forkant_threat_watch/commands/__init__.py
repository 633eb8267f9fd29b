"""What one can do here. A command that changes something opens one transaction and commits before it answers."""
