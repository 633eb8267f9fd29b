"""What a page is, how it climbs, and what an answer means. Plain Python: state and time in, state and facts out."""
