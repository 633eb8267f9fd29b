"""A made-up city with a known truth: who planned something, who only talked, and what reached the police of it.

Nothing here knows how anything is judged. It imports nothing of Forkant and shares with it only the format of scenario
files; the numbers stand in `assumptions.yaml` with where they come from.
"""

from bench.judgement.stories.telling import Stream, tell_city

__all__ = ["Stream", "tell_city"]
