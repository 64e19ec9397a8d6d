"""Histories of lanes as Temporal recorded them, and the script that records them."""
