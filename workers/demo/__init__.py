"""The demo: stand-ins, the real service, and a scenario played through the vendors' APIs."""
