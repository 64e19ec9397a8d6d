"""Connectors: one module or package a system; each knows one API and nothing of mappings or workflows."""
