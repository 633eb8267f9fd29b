"""meetings: dialogues with groups, meetings and their minutes, and what both sides promised."""
