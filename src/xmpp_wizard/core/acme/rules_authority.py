"""What an authority says of requests, accounts, names and itself."""

from __future__ import annotations

from xmpp_wizard.core.acme.rule import STAYS, Rule
from xmpp_wizard.core.text import say

_LIMITS = (
    Rule(
        "rateLimited",
        "exact set of",
        "rate-duplicate",
        say("this very certificate was made 5 times within a week, more are not given"),
        say("Put the certificates back from a backup if you have one. Else it is made when the week is over."),
        "at",
        "request",
    ),
    Rule(
        "rateLimited",
        "failed authorizations",
        "rate-failed",
        say("{name} failed its check too often within an hour"),
        say("Mend what was wrong with the check; it is tried again when the hour is over."),
        "at",
    ),
    Rule(
        "rateLimited",
        r"certificates \(\d+\) already issued for",
        "rate-domain",
        say("the domain of {name} has had its 50 certificates for this week"),
        say("Others below the same domain use them up, too: wait, or choose a domain of your own."),
        "at",
        "authority",
    ),
    Rule(
        "rateLimited",
        "registrations",
        "rate-account",
        say("too many accounts were made from your address"),
        say("Wait; or put the account key back from a backup."),
        "at",
        "authority",
    ),
    Rule(
        "rateLimited",
        "paused|unpause|self-service",
        "paused",
        say("the authority has stopped dealing with {name} after very many failures: {detail}"),
        say("Open the link in that message and take the pause back."),
        "user",
    ),
    Rule("rateLimited", "", "rate-other", say("the authority asks us to slow down"), STAYS, "at", "authority"),
)

_ACCOUNT = (
    Rule(
        "unauthorized",
        "certificate profile",
        "profile",
        say("this kind of certificate is not given to your account"),
        say("Nothing to do: the usual kind is taken."),
        "now",
        "request",
    ),
    Rule(
        "invalidProfile",
        "",
        "profile",
        say("the authority has no such kind of certificate (certificates.acme.profile)"),
        say("Nothing to do: the usual kind is taken."),
        "now",
        "request",
    ),
    Rule(
        "unauthorized",
        "deactivated|[Aa]ccount is not valid|No such account",
        "account-lost",
        say("the authority no longer accepts our account"),
        say("Nothing to do: another one is made."),
        "now",
        "request",
    ),
    Rule(
        "accountDoesNotExist",
        "",
        "account-lost",
        say("the authority does not know our account"),
        say("Nothing to do: another one is made."),
        "now",
        "request",
    ),
    Rule(
        "externalAccountRequired",
        "",
        "binding",
        say("this authority wants an account of its own web site first"),
        say("Make one there; give its key id and HMAC key: certificates.acme.eab_key_id and eab_hmac_file."),
        "user",
        "request",
    ),
    Rule(
        "unauthorized",
        "(?i)external ?account|binding|'kid' references a key",
        "binding-wrong",
        say("the authority does not accept the key of your account at its web site"),
        say("Compare certificates.acme.eab_key_id and the file eab_hmac_file with what the web site shows."),
        "user",
        "request",
    ),
    Rule(
        "userActionRequired",
        "",
        "terms",
        say("the authority has new terms: {detail}"),
        say("Read and accept them at the address in that message."),
        "user",
        "request",
    ),
    Rule(
        "badPublicKey",
        "",
        "bad-key",
        say("the authority refuses the key: {detail}"),
        say("Nothing to do: another one is made."),
        "now",
        "request",
    ),
    Rule(
        "badCSR",
        "",
        "bad-request",
        say("the authority did not like our request: {detail}"),
        say("That is a bug in this program; please report it."),
        "never",
        "request",
    ),
)

_NAMES = (
    Rule(
        "rejectedIdentifier",
        "",
        "rejected",
        say("the authority makes no certificates for {name}: {detail}"),
        say("Take a domain of your own, or another authority (certificates.acme.directory_url)."),
        "never",
    ),
    Rule(
        "malformed",
        "public suffix|ICANN TLD|at least one dot|invalid character|longer than|too long|punycode",
        "not-public",
        say("{name} is no name of the public internet"),
        say("For a server at home: certificates.source = local. Else correct the domain."),
        "never",
    ),
    Rule(
        "unsupportedIdentifier",
        "",
        "rejected",
        say("the authority makes no certificates for such a name as {name}"),
        say("Take a domain of your own, or another authority (certificates.acme.directory_url)."),
        "never",
    ),
)

_AUTHORITY = (
    Rule("serverInternal", "", "ca-down", say("the authority has a fault: {detail}"), STAYS, "backoff", "authority"),
    Rule("busy", "", "ca-down", say("the authority is down or very busy"), STAYS, "backoff", "authority"),
    Rule("slow", "", "ca-slow", say("the authority took too long"), STAYS, "backoff", "authority"),
    Rule("orderNotReady", "", "ca-slow", say("the authority is not ready yet"), STAYS, "backoff", "authority"),
    Rule("badNonce", "", "again", say("the authority lost track of the talk"), STAYS, "backoff", "authority"),
)

RULES: tuple[Rule, ...] = (*_LIMITS, *_ACCOUNT, *_NAMES, *_AUTHORITY)
