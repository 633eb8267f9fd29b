"""threat-watch: joins scattered, graded reports into threats, says why each stands where it does, and asks to be heard.

Owns reports, signals, threats, assessments, reviews and the policy. `domain` is the whole engine in plain Python: the
server and the replay command run the same one.
"""
