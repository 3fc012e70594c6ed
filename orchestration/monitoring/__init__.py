"""The state of a home: facts, health, metrics, alerts, and what follows each load."""
