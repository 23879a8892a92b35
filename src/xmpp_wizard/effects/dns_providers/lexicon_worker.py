"""The process that lexicon runs in: a task as JSON on stdin, its outcome as the last line of stdout."""

from __future__ import annotations

import contextlib
import io
import json
import sys
import warnings
from typing import Any

import dns.name
import dns.resolver
import requests
from lexicon.client import Client
from lexicon.config import ConfigResolver
from lexicon.exceptions import AuthenticationError, ProviderNotAvailableError

_FORBIDDEN = (401, 403)
_TOO_MANY = 429


def work(task: dict[str, Any]) -> dict[str, str]:
    """Carry the task out; the outcome is empty, or says what kind of failure it was, and whether something was done."""
    done: list[str] = []
    outcome = _outcome(task, done)
    return {**outcome, "done": str(len(done))} if outcome and done else outcome


def _outcome(task: dict[str, Any], done: list[str]) -> dict[str, str]:
    try:
        _carry_out(task, done)
    except ProviderNotAvailableError as error:
        from lexicon._private.discovery import find_providers  # noqa: PLC0415 only to say what there is

        known = find_providers()
        kind = "extra" if task["provider"] in known else "unknown"
        return {"error": kind, "reason": str(error), "known": json.dumps(sorted(known))}
    except AuthenticationError as error:
        return {"error": "token", "reason": str(error)}
    except requests.HTTPError as error:
        return _http(error)
    except (requests.RequestException, OSError) as error:
        return {"error": "line", "reason": type(error).__name__}
    except Exception as error:  # noqa: BLE001 each of 90 providers has errors of its own
        return {"error": "other", "reason": f"{type(error).__name__}: {error}"}
    return {}


def _carry_out(task: dict[str, Any], done: list[str]) -> None:
    zone = dns.name.from_text(task["zone"])
    # the zone is known already; lexicon would ask this machine's resolver, or guess
    dns.resolver.zone_for_name = lambda *_words, **_more: zone  # in this process only
    provider = task["provider"]
    options = {**task["options"], **({"domain": task["zone"]} if provider == "ddns" else {})}
    config = {
        "provider_name": provider,
        "domain": task["zone"],
        "resolve_zone_name": True,
        "ttl": task["ttl"],
        provider: options,
    }
    with Client(ConfigResolver().with_dict(config)) as client:  # type: ignore[no-untyped-call]
        for step in task["steps"]:
            if step["verb"] == "create":
                client.create_record(step["kind"], step["name"], step["content"])
            else:
                client.delete_record(None, step["kind"], step["name"], step["content"])
            done.append(step["verb"])


def _http(error: requests.HTTPError) -> dict[str, str]:
    status = error.response.status_code if error.response is not None else 0
    kinds = {_TOO_MANY: "rate", **dict.fromkeys(_FORBIDDEN, "token")}
    # not the error's own words: an address may hold the token
    return {"error": kinds.get(status, "other"), "reason": f"HTTP {status}"}


def main() -> None:
    """Read the task and print the outcome."""
    warnings.simplefilter("ignore")
    task = json.load(sys.stdin)
    with contextlib.redirect_stdout(io.StringIO()):
        outcome = work(task)
    print(json.dumps(outcome))  # noqa: T201 the outcome


if __name__ == "__main__":
    main()
