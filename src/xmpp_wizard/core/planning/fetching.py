"""What has to be fetched from the web before anything else is touched: what is not kept here yet."""

from __future__ import annotations

from collections.abc import Iterator

from xmpp_wizard.core.observed import Observed
from xmpp_wizard.core.planning.actions import FetchFile
from xmpp_wizard.core.planning.plan import Step
from xmpp_wizard.core.target import Target
from xmpp_wizard.core.text import say


def steps(target: Target, observed: Observed, needs: tuple[str, ...]) -> Iterator[Step]:
    """Yield a step for each file; one that is kept but damaged is fetched again."""
    wanted = {copy.reference.source: copy.reference for copy in target.copies if copy.reference.url}
    for reference in wanted.values():
        known = observed.files.get(reference.source)
        if known is None or known.sha256 != reference.sha256:
            cause = say("not there") if known is None else say("content differs")
            title = say("Fetch {url}", url=reference.url)
            yield Step(f"fetch:{reference.source}", FetchFile(reference), needs, title, cause)
