"""The kit of Forkant: what every service is built with, and nothing about gangs, threats or phones.

A word that belongs to one service does not live here; only `events/` speaks of the domain, because events are the
language the services share.
"""
