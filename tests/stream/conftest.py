"""The fixtures of the stream tests; what they are made of is in world.py, which the live tests use as well."""

import pytest

pytest.register_assert_rewrite("world")

from world import *  # noqa: E402, F403  (what a test file imports from here)
from world import World, finish, new_folder  # noqa: E402


@pytest.hookimpl(tryfirst=True, hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    setattr(item, "report_" + report.when, report)


@pytest.fixture
def worlds(request):
    """Makes worlds; all of them are shown when the test fails, and gone when it is over."""
    made = []

    def make():
        made.append(World(new_folder()))
        return made[-1]

    yield make
    finish(made, not hasattr(request.node, "report_call") or request.node.report_call.failed)


@pytest.fixture
def world(worlds):
    return worlds()
