"""The parts of the conformance suite; `tests.connectors.conformance` puts them together."""

import pytest

# The parts are no test modules by name, yet their assertions should say what they found.
for part in ("bench", "discussing", "failing", "hooking", "reading", "writing"):
    pytest.register_assert_rewrite(f"{__name__}.{part}")
