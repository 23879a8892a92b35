"""One attempt to get one certificate: names that cannot be had now never stop the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from xmpp_wizard.core.acme.advice import Advice, explain
from xmpp_wizard.core.acme.due import is_renewal_due, is_worth_keeping
from xmpp_wizard.core.acme.ledger import Ledger, wait_for_check, wait_for_names, with_failed, with_issued, with_order
from xmpp_wizard.core.acme.model import AcmeError, CertificateAuthority, Method, Problem
from xmpp_wizard.core.acme.source import AcmeSource, authority_name, chosen_profile
from xmpp_wizard.core.acme.strategy import choose, other_ways
from xmpp_wizard.core.certificates.authority import CertificateFiles
from xmpp_wizard.core.certificates.certificate import CertificateRequest, ObservedCertificate
from xmpp_wizard.core.certificates.renewal import missing_names
from xmpp_wizard.core.containers import Report
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.engine.acme import store
from xmpp_wizard.engine.acme.account import bound_names, connect
from xmpp_wizard.engine.acme.checks import Ways
from xmpp_wizard.engine.acme.leads import unknown_names
from xmpp_wizard.engine.acme.means import means
from xmpp_wizard.engine.acme.ordering import NamesError, Wish, obtain, rehearse

_ROUNDS = 3
"""Orders in one attempt at most: each round leaves out the names that failed in the one before."""
_CURABLE = ("profile", "bad-key", "account-lost")
"""Problems that another try with something else in its place solves at once."""


@dataclass(slots=True)
class Attempt:
    """One attempt, with what it has found so far."""

    world: World
    layout: Layout
    source: AcmeSource
    request: CertificateRequest
    report: Report
    ledger: Ledger
    order_url: str = ""
    is_forced: bool = False
    has_obtained: bool = False
    problems: dict[str, Problem] = field(default_factory=dict)
    """By name; an empty name stands for all."""
    waits: list[Advice] = field(default_factory=list)
    _cured: set[str] = field(default_factory=set)
    _elsewhere: dict[str, Problem] = field(default_factory=dict)
    """Names that are proven another way, each with why it failed over port 80."""

    def run(self, known: ObservedCertificate | None, *, is_due: bool) -> tuple[Advice, ...]:
        """Do it and return what stands in the way of the names that are still lacking.

        ``known`` is the certificate that there is; ``is_due`` says that it is to be made anew.
        """
        try:
            self._ask(known, is_due=is_due)
        except AcmeError as error:
            self.problems[""] = error.problem
        found = [advice for name, problem in self.problems.items() for advice in explain(problem, name)]
        return (*self.waits, *found)

    def _ask(self, known: ObservedCertificate | None, *, is_due: bool) -> None:
        names = self.request.names
        have = tuple(name for name in names if known is not None and not missing_names(known, (name,)))
        lacking = self._askable([name for name in names if name not in have])
        if not lacking and not is_due:
            return
        good = self._rehearsed([name for name in lacking if name in self._methods(lacking)])
        if not good and not is_due:
            return
        # what is had already is asked for along with the new names
        kept = self._methods(have)
        wanted = tuple(name for name in names if name in good or name in kept)
        if not set(have) <= set(wanted) and not is_due:
            return
        self._order(wanted, known, is_due=is_due)

    def _askable(self, names: Iterable[str]) -> list[str]:
        """Return the names that exist in DNS and that no limit holds back."""
        now, kept = self.world.clock.now(), []
        missing = unknown_names(self.world, self.source, names)
        for name in names:
            wait = None if self.is_forced else wait_for_check(self.ledger, name, now)
            if wait is not None:
                limit = Problem("rateLimited", "failed authorizations", name, (), (wait.until - now).total_seconds())
                self.problems[name] = limit
            elif name in missing:
                self.problems[name] = Problem("noSuchName", "", name)
            else:
                kept.append(name)
        return kept

    def _methods(self, names: Iterable[str]) -> dict[str, Method]:
        chosen = choose(names, means(self.world, self.layout, self.source), self._elsewhere)
        self.problems |= {problem.name: problem for problem in chosen.problems}
        return dict(chosen.methods)

    def _rehearsed(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return the names that pass their checks where it costs nothing; all, where that cannot be tried."""
        url = self.source.rehearsal_url
        if not url or not names or self.order_url:
            return tuple(names)
        self.report(f"rehearsing with {authority_name(url)}: {', '.join(names)}")
        try:
            authority = connect(self.world, self.layout, replace(self.source, directory_url=url))
            failed = rehearse(self.world, authority, names, self._ways(names))
            if self._turned(failed):
                failed = rehearse(self.world, authority, tuple(failed), self._ways(failed))
            failed = self._without_bound(failed)
        except AcmeError as error:
            if explain(error.problem)[0].blame in {"authority", "request"}:
                return tuple(names)
            raise
        self.problems |= self._told(failed)
        return tuple(name for name in names if name not in failed)

    def _turned(self, failed: Mapping[str, Problem]) -> bool:
        """Prove names that failed over port 80 another way from now on; say whether there is one that is new."""
        now = self.world.clock.now()
        tired = {name for name in failed if wait_for_check(self.ledger, name, now) is not None}
        new = other_ways(failed, means(self.world, self.layout, self.source)) - set(self._elsewhere) - tired
        self._elsewhere |= {name: failed[name] for name in new}
        return bool(new)

    def _without_bound(self, failed: Mapping[str, Problem]) -> dict[str, Problem]:
        """Leave out what only says that CAA records name our account, of which a rehearsal by another knows nothing."""
        forbidden = [name for name, problem in failed.items() if problem.type == "caa"]
        bound = bound_names(self.world, self.source, forbidden)
        return {name: problem for name, problem in failed.items() if name not in bound}

    def _told(self, failed: Mapping[str, Problem]) -> dict[str, Problem]:
        """Return what people are told: where the last resort failed, too, what is wrong with the usual way."""
        return {
            name: self._elsewhere.get(name, problem) if problem.method == "tls-alpn-01" else problem
            for name, problem in failed.items()
        }

    def _order(self, names: tuple[str, ...], known: ObservedCertificate | None, *, is_due: bool) -> None:
        authority = connect(self.world, self.layout, self.source)
        for _ in range(_ROUNDS):
            if not names or self._must_wait(names, is_exempt=known is not None and is_due):
                return
            try:
                self._obtain(authority, names, known)
            except NamesError as error:
                self.order_url = ""
                self.ledger = with_failed(self.ledger, self.world.clock.now(), error.failed)
                if self._turned(error.failed):
                    continue
                self.problems |= self._told(error.failed)
                if is_due and self._would_lose(known, error.failed):
                    return
                names = tuple(name for name in names if name not in error.failed)
                if known is not None and not is_due and not missing_names(known, names):
                    # the others have theirs already
                    return
            except AcmeError as error:
                authority = self._cured_authority(error, authority)
            else:
                return

    def _obtain(
        self,
        authority: CertificateAuthority,
        names: tuple[str, ...],
        known: ObservedCertificate | None,
    ) -> None:
        world, source = self.world, self.source
        self.report(f"asking {authority_name(source.directory_url)} for {', '.join(names)}")
        renews_key = known is not None and source.renews_key
        is_new = "bad-key" in self._cured or (renews_key and not self.order_url)
        key = store.certificate_key(world, self.layout, source, self.request.name, is_new=is_new)
        profile = "" if "profile" in self._cured else chosen_profile(source, dict(authority.facts.profiles), len(names))
        old = store.read_certificate(world, self.layout, source.directory_url, self.request.name)
        wish = Wish(names, profile, old.chain if old else b"", self.order_url)
        chain = obtain(world, authority, wish, self._ways(names), key, self._begun)
        store.save_certificate(world, self.layout, source, self.request.name, CertificateFiles(chain, key))
        self.order_url = ""
        self.has_obtained = True
        is_exempt = known is not None and authority.facts.has_renewal_info
        self.ledger = with_issued(self.ledger, world.clock.now(), names, is_exempt=is_exempt)

    def _begun(self, url: str) -> None:
        if url != self.order_url:
            self.order_url = url
            self.ledger = with_order(self.ledger, self.world.clock.now())
            remember_order(self, url)

    def _would_lose(self, known: ObservedCertificate | None, failed: Iterable[str]) -> bool:
        """Say whether a name would lose the certificate that it has, while there is time to wait for it."""
        if known is None or not is_worth_keeping(known, self.world.clock.now()):
            return False
        return any(not missing_names(known, (name,)) for name in failed)

    def _cured_authority(self, error: AcmeError, authority: CertificateAuthority) -> CertificateAuthority:
        """Put another thing in the place of what the authority did not like; give up where that was tried already."""
        key = explain(error.problem)[0].key
        if key not in _CURABLE or key in self._cured:
            raise error
        self._cured.add(key)
        self.order_url = ""
        if key != "account-lost":
            return authority
        store.forget_account(self.world, self.layout, self.source.directory_url)
        return connect(self.world, self.layout, self.source)

    def _must_wait(self, names: tuple[str, ...], *, is_exempt: bool) -> bool:
        now = self.world.clock.now()
        wait = wait_for_names(self.ledger, names, now, is_exempt=is_exempt)
        if wait is not None:
            detail = "exact set of"
            self.problems[""] = Problem("rateLimited", detail, "", (), (wait.until - now).total_seconds())
        return wait is not None

    def _ways(self, names: Iterable[str]) -> Ways:
        return Ways(self._methods(names), self.source, self.layout)


def remember_order(attempt: Attempt, url: str) -> None:
    """Keep the URL of an order that is going on, in case that this process ends before it does."""
    state = store.load_state(attempt.world, attempt.layout)
    known = state.certificates.get(attempt.request.name)
    if known is not None:
        certificates = {**state.certificates, attempt.request.name: replace(known, order_url=url)}
        store.save_state(attempt.world, attempt.layout, replace(state, certificates=certificates))


def is_certificate_due(attempt: Attempt, known: ObservedCertificate | None) -> bool:
    """Say whether the certificate that there is must be made anew, and not only have names added."""
    state = store.load_state(attempt.world, attempt.layout).certificates.get(attempt.request.name)
    if known is None:
        return False
    name, url = attempt.request.name, attempt.source.directory_url
    is_elsewhere = store.read_certificate(attempt.world, attempt.layout, url, name) is None
    return attempt.is_forced or is_elsewhere or is_renewal_due(known, state, attempt.world.clock.now())
