"""The mapping language: pure, no I/O, no clock."""
