"""run-tests.sh on a bare host: it brings what it needs, and leaves what was not running before stopped."""

from collections.abc import Callable

import pytest
from tests.e2e.install.bare_host import BareHost

pytestmark = [pytest.mark.e2e, pytest.mark.long]

# Everything around the tests, and none of them.
NO_TEST = "./run-tests.sh bench -k no_such_test"


@pytest.fixture(scope="module")
def host(debian_13: str, start_host: Callable[..., BareHost]) -> BareHost:
    """Start a host on which nothing is installed."""
    return start_host(debian_13)


def test_runs_the_fast_tests_with_nothing_installed(host: BareHost) -> None:
    assert host.run("python3 --version").status != 0
    outcome = host.run("CI=true ./run-tests.sh unit </dev/null")
    assert outcome.status == 0, outcome.text[-5000:]
    assert "=== Summary: passed" in outcome.text
    assert host.run("command -v docker").status != 0  # the fast tests need none


def test_stops_an_engine_that_it_started(host: BareHost) -> None:
    text = host.expect(NO_TEST)
    assert "Stopping Docker Engine, which was not running before." in text
    assert host.run("pidof dockerd").status != 0
    # Stopped in order, it starts again as ever.
    assert "Stopping Docker Engine" in host.expect(NO_TEST)


def test_leaves_a_running_engine_alone(host: BareHost) -> None:
    host.expect("./install.sh --engine-only")
    pid = host.expect("pidof dockerd")
    assert "Stopping Docker Engine" not in host.expect(NO_TEST)
    assert host.expect("pidof dockerd") == pid


def test_tells_a_failure_by_its_status(host: BareHost) -> None:
    host.write("/root/xmpp-wizard/tests/test_red.py", "def test_red() -> None:\n    raise AssertionError\n")
    outcome = host.run("./run-tests.sh unit tests/test_red.py")
    assert outcome.status == 1
    assert "=== Summary: FAILED" in outcome.text
    assert "unit tests                 FAILED" in outcome.text


def test_refuses_to_test_engines_without_root(host: BareHost) -> None:
    host.expect("cp -r /root/xmpp-wizard /srv/everybody")
    outcome = host.run("cd /srv/everybody && setpriv --reuid=65534 --regid=65534 --clear-groups ./run-tests.sh")
    assert outcome.status == 5
    assert "Next: sudo ./run-tests.sh" in outcome.text
