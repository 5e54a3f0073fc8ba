"""How all tests are run: those that take longest begin first, so that no worker is left alone with them at the end; and
one worker more than there are processors, because tests of the whole program wait much of the time."""

import os

import pytest

#: Files whose tests start the whole program, the slowest first.
_LONG = (
    "test_crash",
    "test_platform_faults",
    "test_streams",
    "test_whole_program",
    "test_cli",
    "test_sources_command",
    "test_websub",
    "test_measure",
    "test_hold",
    "test_rate_limits",
    "test_slack_every_command",
    "test_discord_every_command",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {name: place for place, name in enumerate(_LONG)}
    items.sort(key=lambda item: places.get(item.path.stem, len(_LONG)))


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    return (os.cpu_count() or 1) + 1
