"""What the architecture tests share."""
