"""Five ways of judging the same stream. Each says when it rings, and what it puts under a page that is still open."""
