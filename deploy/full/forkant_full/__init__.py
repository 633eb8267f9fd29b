"""The full system without containers: real Kafka, real PostgreSQL, four services as processes of their own.

For trial, tests and chaos on one machine, bound to 127.0.0.1. For production see `deploy/kubernetes/`.
"""
