"""The garbage collector of a process that has started and will run for long."""

import gc

OBJECTS = 20_000
"""Made, and not freed, between two looks: the default of 700 means thousands of looks a second under load."""


def spare_the_collector() -> None:
    """Never look at what was loaded at the start again, and at the rest less often.

    A hundred megabytes of modules, walked at each full collection, took a fifth of a busy gateway's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS, 10, 10)
