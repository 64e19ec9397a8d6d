"""Servers that behave like the vendors, for the demo, the tests and the benchmarks."""
