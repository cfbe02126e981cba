"""Which tests run, and how long property tests look for trouble."""

from __future__ import annotations

import profiles
import pytest

pytest.register_assert_rewrite("agreement")


def _asks_for_long(config: pytest.Config) -> bool:
    return bool(config.getoption("markexpr") == "long")


def pytest_configure(config: pytest.Config) -> None:
    """Choose the profile before any test is imported."""
    profiles.choose(long=_asks_for_long(config))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With `-m long` every property test is a long one; without `-m` no long test runs."""
    if _asks_for_long(config):
        for item in items:
            if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
                item.add_marker("long")
    elif not config.getoption("markexpr"):
        long = [item for item in items if item.get_closest_marker("long")]
        items[:] = [item for item in items if item not in long]
        config.hook.pytest_deselected(items=long)
