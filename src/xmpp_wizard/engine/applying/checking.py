"""Looks at a container: whether it can read its configuration, reaches what it relies on, and answers."""

from __future__ import annotations

from xmpp_wizard.core.errors import EffectError, HealthError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.log_lines import parse
from xmpp_wizard.core.planning.actions import CheckConfig, CheckHealth, TryOut
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.engine.answering import ask, tried
from xmpp_wizard.engine.observe import live_certificates

_HEALTH_SECONDS = 60.0
_PROBE_SECONDS = 5.0
_PROBE_PAUSE_SECONDS = 0.05
_LAST_LINES = 12
"""Prosody tells of a broken configuration in eight lines, with empty ones around them."""
_TOLD_LINES = 6
"""So many of them are told."""


def check_config(world: World, check: CheckConfig) -> None:
    """Have the container look at its new configuration.

    Raises:
        EffectError: it cannot be read.
    """
    result = world.containers.run(check.container, check.command, user=check.user)
    if result.status == 1:
        # after what is wrong come good wishes, between lines of stars
        told = f"{result.output}\n{result.errors}".partition("More help on configuring Prosody")[0]
        lines = [line.strip() for line in told.splitlines() if line.strip(" *")]
        raise EffectError(
            say("the new configuration cannot be read: {lines}", lines=" / ".join(lines[-5:])),
            say("If the file named there is one of yours in conf.d, correct or remove it; then run again."),
        )


def try_out(world: World, action: TryOut) -> None:
    """Try what the container will rely on.

    Raises:
        EffectError: it cannot be used.
    """
    found = tried(world, action.container, action.trial, action.user)
    if found is not None:
        problem, reason = found
        raise EffectError(say("{problem}: {reason}", problem=problem.text, reason=reason), problem.hint)


def check_health(world: World, layout: Layout, check: CheckHealth) -> None:
    """Wait until the container answers; Prosody with TLS, stream features and the right certificate.

    Raises:
        HealthError: it is not, within a minute; the container's last log lines are in the text.
    """
    expected = live_certificates(world, layout)[1].get(check.certificate)
    deadline = world.clock.monotonic() + _HEALTH_SECONDS
    name = layout.container(check.container)
    health = check.health
    while True:
        try:
            served = ask(world, layout, check.container, health, _PROBE_SECONDS)
            if served is None or expected is None or served == expected.serial:
                return
            problem = say("it serves another certificate than the one written for it")
        except HealthError as error:
            problem = error.text
        if world.clock.monotonic() > deadline or _is_failing(world, layout, name):
            raise HealthError(
                say("{name} does not serve {domain}: {problem}", name=name, domain=health.domain, problem=problem),
                _last_words(world, name),
            )
        world.clock.sleep(_PROBE_PAUSE_SECONDS)


def _is_failing(world: World, layout: Layout, name: str) -> bool:
    """Say whether the container ended with an error, so that waiting on is of no use."""
    known = world.containers.observe(layout.project).get(name)
    return known is None or (not known.is_running and known.exit_status != 0)


def _last_words(world: World, name: str) -> Text:
    """Return what the server said last, a line each, without ornaments and without lines that only tell of its day.

    What it says at each of several starts comes once.
    """
    raw = world.containers.logs(name, lines=_LAST_LINES, follow=False)
    lines = [line for line in map(parse, raw) if any(sign.isalnum() for sign in line.text)]
    loud = [line for line in lines if line.level not in ("debug", "info")] or lines
    latest_first = dict.fromkeys(
        f"{line.source}: {line.text}" if line.source else line.text.strip() for line in loud[::-1]
    )
    words = list(latest_first)[:_TOLD_LINES][::-1]
    if not words:
        return say("It wrote nothing into its log.")
    return say("It said last:\n{lines}", lines="\n".join(f"  {line}" for line in words))
