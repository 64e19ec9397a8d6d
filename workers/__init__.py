"""Processes, settings and wiring."""
