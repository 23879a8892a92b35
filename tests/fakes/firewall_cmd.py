"""A stand-in for firewall-cmd(1) with one zone in use: it keeps what it was told in the file named first."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

BEFORE: dict[str, Any] = {
    "now": {"zones": {"dmz": [["ssh"], []], "public": [["ssh", "dhcpv6-client"], []]}, "services": {"ssh": ["22/tcp"]}},
    "lasting": {
        "zones": {"dmz": [["ssh"], []], "public": [["ssh", "dhcpv6-client"], []]},
        "services": {"ssh": ["22/tcp"]},
    },
}


def refuse(words: str) -> NoReturn:
    """End as firewall-cmd does that refuses something."""
    sys.stderr.write(f"Error: {words}\n")
    sys.exit(101)


def zone_lines(name: str, zone: list[list[str]]) -> Iterator[str]:
    """Yield what it lists of a zone."""
    services, ports = zone
    yield f"{name} (default, active)" if name == "public" else name
    yield "  target: default"
    yield f"  services: {' '.join(sorted(services))}"
    yield f"  ports: {' '.join(ports)}"
    yield "  rich rules: \n"


def change(state: dict[str, Any], options: dict[str, str], *, is_lasting: bool) -> None:  # noqa: C901 a line for each
    """Do what was asked."""
    part = state["lasting" if is_lasting else "now"]
    services, ports = part["zones"][options.get("zone", "public")]
    name = options.get("service", "")
    if name and name not in part["services"]:
        refuse(f"INVALID_SERVICE: {name}")
    target = part["services"][name] if name else ports
    match next((option, value) for option, value in options.items() if option not in ("zone", "service")):
        case "add-port", port if port not in target:
            target.append(port)
        case "remove-port", port if port in target:
            target.remove(port)
        case "new-service", new:
            if new in part["services"]:
                refuse(f"NAME_CONFLICT: new_service(): '{new}'")
            part["services"][new] = []
        case "delete-service", old:
            del part["services"][old]
        case "add-service" | "remove-service", old if old not in part["services"]:
            refuse(f"INVALID_SERVICE: {old}")
        case "add-service", new if new not in services:
            services.append(new)
        case "remove-service", old if old in services:
            services.remove(old)
        case "reload", _:
            state["now"] = json.loads(json.dumps(state["lasting"]))


def answer(part: dict[str, Any], options: dict[str, str]) -> str | None:  # noqa: PLR0911 a line for each question
    """Return what it says to a question; None where it is none."""
    match next((option, value) for option, value in options.items() if option not in ("zone", "service")):
        case "state", _:
            return "running"
        case "get-zone-of-interface", _:
            return "no zone"
        case "get-default-zone", _:
            return "public"
        case "list-all", _:
            name = options.get("zone", "public")
            return "\n".join(zone_lines(name, part["zones"][name]))
        case "list-all-zones", _:
            return "\n".join(line for name, zone in part["zones"].items() for line in zone_lines(name, zone))
        case "get-ports", _ if options["service"] in part["services"]:
            return " ".join(part["services"][options["service"]])
        case "info-service", name if name in part["services"]:
            return f"{name}\n  ports: {' '.join(part['services'][name])}\n  destination: \n  includes: "
        case "get-ports" | "info-service", _:
            refuse("INVALID_SERVICE")
    return None


def main(file: Path, words: list[str]) -> None:
    """Answer, or change the state."""
    state = json.loads(file.read_text()) if file.exists() else BEFORE
    is_lasting = "--permanent" in words
    pairs = (word.removeprefix("--").partition("=") for word in words if word != "--permanent")
    options = {name: value for name, _, value in pairs}
    told = answer(state["lasting" if is_lasting else "now"], options)
    if told is not None:
        sys.stdout.write(f"{told}\n")
        sys.exit(2 if told == "no zone" else 0)
    change(state, options, is_lasting=is_lasting)
    file.write_text(json.dumps(state))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
