"""The black-box suite that every connector must pass against its stand-in.

A connector's own test is a subclass of `Conformance`, named `Test...`, that says what `conforming.bench.Bench` asks:
the stand-in, the settings, the scope and sample fields.
"""

from tests.connectors.conforming.discussing import Discussing
from tests.connectors.conforming.failing import Failing
from tests.connectors.conforming.hooking import Hooking
from tests.connectors.conforming.reading import Reading
from tests.connectors.conforming.writing import Writing


class Conformance(Reading, Writing, Failing, Discussing, Hooking):
    """Everything that `connectors.contract` promises, as seen from outside."""
