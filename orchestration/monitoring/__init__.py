"""Monitoring of a data home: facts, health report, metrics, alerts, and the steps after a load."""
