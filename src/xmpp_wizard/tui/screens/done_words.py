"""What the page after a first set-up says of the way in, and of who has come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from xmpp_wizard.core.text import Text, say
from xmpp_wizard.engine.people.logins import Login
from xmpp_wizard.engine.welcome import LIFE_SECONDS, Welcome


def steps(command: str, *, is_local: bool, has_code: bool, could_draw: bool) -> Iterator[Text]:
    """Yield what to do with the invitation; ``has_code`` says whether it stands there as a code to scan.

    ``command`` opens the wizard.
    """
    if is_local:
        yield say("First let the phone trust this server: Phones, below. Then:")
    if has_code:
        yield say("1. Scan this with the phone's camera.")
    elif could_draw:
        yield say("1. Open the link below on the phone. A larger window shows it as a code.")
    else:
        yield say("1. Open the link below on the phone. QR code: {command} over SSH", command=command)
    yield say("2. Take the app that the page offers.")
    yield say("3. Choose your password there.")


def kept(made: Welcome) -> Text:
    """Say until when the address is kept for whoever is invited, by this machine's clock."""
    until = datetime.fromtimestamp(made.made_at + LIFE_SECONDS, UTC).astimezone().strftime("%H:%M")
    return say("{address} is kept for you until tomorrow {time}.", address=made.address, time=until)


def logged_in(login: Login, time: str) -> Text:
    """Say who logged in at ``time``, and whether the way in from outside is proven by it."""
    values = {"name": login.address.partition("@")[0], "time": time}
    if login.is_from_outside:
        return say("{name} logged in {time} from the internet", **values)
    return say("{name} logged in {time} from your own network; the way in from outside is not proven yet", **values)
