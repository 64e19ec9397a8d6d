"""A server that behaves like Asana's REST API 1.0."""
