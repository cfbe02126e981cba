"""How many examples property tests try: some dozens in an ordinary run, thousands in a long one.

`HYPOTHESIS_PROFILE=long` or `pytest -m long` asks for the long one. An ordinary run tries the same
examples each time, so that it turns red by the change under test and not by chance; the long one
draws new ones each time, to find what nobody has thought of.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

SHORT, LONG = 40, 5_000
"""Examples of a test that takes its full share."""

_CHECKS_THAT_MISLEAD = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


def choose(*, long: bool) -> None:
    """Make one of the two profiles the one that `examples` shares out."""
    for name, number in (("short", SHORT), ("long", LONG)):
        settings.register_profile(
            name,
            max_examples=number,
            deadline=None,
            derandomize=name == "short",
            suppress_health_check=_CHECKS_THAT_MISLEAD,
        )
    wanted = os.environ.get("HYPOTHESIS_PROFILE", "short")
    settings.load_profile("long" if long or wanted == "long" else "short")


def numbers(short: int, long: int) -> settings:
    """So many examples in an ordinary run, and so many in a long one."""
    return settings(max_examples=short if settings().max_examples == SHORT else long)


def examples(share: float = 1.0) -> settings:
    """A share of the profile's examples, for tests that are slow, or quick, or matter more."""
    return settings(max_examples=max(1, round(settings().max_examples * share)))
