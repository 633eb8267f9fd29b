"""The engine: what a report means for the threats there are. Plain Python; time, ids and policy are passed in.

Read in this order: `words`, `grading`, `signals`, `terms` and `index` (the formula), `levels`, `links` and `joining`
(which threat a signal belongs to), `rules` and `paging` (when a phone rings), `explanation`, `threat`, `assessing` (one
threat, one moment), `watch` (a report against all the threats it may concern). `scenario`, `replay` and `verdict` tell
stories with it.
"""
