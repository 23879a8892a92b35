"""Reads a configuration back: just the Lua that may be in one, so anything else in it is an error.

A value that broke out of its string would show as a statement too many, a wrong value, or no Lua of this kind.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from xmpp_wizard.core.lua import FileLine

Value: TypeAlias = "str | bool | int | float | FileLine | list[Value] | dict[str, Value]"

_TOKEN = re.compile(
    r"""\s+ | --[^\n]*(?:\n|\Z)
    | (?P<string> "(?:[^"\\\n]|\\["\\]|\\[0-9]{3})*" )
    | (?P<number> -?(?:[0-9]+\.[0-9]+(?:e[+-]?[0-9]+)?|[0-9]+(?:e[+-]?[0-9]+)?) )
    | (?P<name> [A-Za-z_][A-Za-z0-9_]* )
    | (?P<sign> [{}=;()\[\]] )""",
    re.VERBOSE,
)


@dataclass
class Config:
    """What a configuration says."""

    options: dict[str, Any] = field(default_factory=dict)
    hosts: list[tuple[str, str, str, dict[str, Any]]] = field(default_factory=list)
    """Kind, name, module, options."""
    includes: list[str] = field(default_factory=list)


class Reader:
    """Takes a text token by token."""

    def __init__(self, text: str) -> None:
        """Split ``text``; every character must belong to a token."""
        self.tokens: list[tuple[str, str]] = []
        at = 0
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                message = f"no Lua of a configuration: {text[at : at + 40]!r}"
                raise ValueError(message)
            if match.lastgroup:
                self.tokens.append((match.lastgroup, match[match.lastgroup]))
            at = match.end()
        self.at = 0

    def peek(self) -> tuple[str, str]:
        """Return the next token, or two empty strings at the end."""
        return self.tokens[self.at] if self.at < len(self.tokens) else ("", "")

    def take(self, kind: str, text: str = "") -> str:
        """Return the next token's text; it must be of this kind, and this text if one is given."""
        found, value = self.peek()
        if found != kind or (text and value != text):
            message = f"{kind} {text} expected, not {value!r}"
            raise ValueError(message)
        self.at += 1
        return value

    def value(self) -> Value:
        """Return the expression that comes next."""
        kind, text = self.peek()
        if kind == "string":
            return unquoted(self.take("string"))
        if kind == "number":
            number = self.take("number")
            return int(number) if re.fullmatch(r"-?[0-9]+", number) else float(number)
        if text in ("true", "false"):
            return self.take("name") == "true"
        if text == "FileLine":
            self.take("name")
            self.take("sign", "(")
            path = unquoted(self.take("string"))
            self.take("sign", ")")
            return FileLine(path)
        return self.table()

    def table(self) -> Value:
        """Return the table that comes next: a list, or a mapping if its entries have keys."""
        self.take("sign", "{")
        rows: list[tuple[str | None, Value]] = []
        while self.peek() != ("sign", "}"):
            rows.append(self.row())
            if self.peek() != ("sign", "}"):
                self.take("sign", ";")
        self.take("sign", "}")
        if rows and all(key is not None for key, _ in rows):
            return {str(key): value for key, value in rows}
        if any(key is not None for key, _ in rows):
            message = "a table that is half list, half mapping"
            raise ValueError(message)
        return [value for _, value in rows]

    def row(self) -> tuple[str | None, Value]:
        """Return one entry of a table with its key, if it has one."""
        kind, text = self.peek()
        key = None
        if text == "[":
            self.take("sign", "[")
            key = unquoted(self.take("string"))
            self.take("sign", "]")
            self.take("sign", "=")
        elif kind == "name" and text not in ("true", "false", "FileLine"):
            key = self.take("name")
            self.take("sign", "=")
        return key, self.value()


def unquoted(text: str) -> str:
    """Return what a quoted string stands for."""
    raw = re.sub(rb'\\([0-9]{3}|["\\])', _unescaped, text[1:-1].encode("ascii"))
    return raw.decode("utf-8", "surrogateescape")


def _unescaped(match: re.Match[bytes]) -> bytes:
    return bytes([int(match[1])]) if match[1].isdigit() else match[1]


def read_value(text: str) -> Value:
    """Return the one expression that ``text`` is."""
    reader = Reader(text)
    value = reader.value()
    if reader.peek() != ("", ""):
        message = f"more than one expression: {reader.peek()[1]!r}"
        raise ValueError(message)
    return value


def read_config(text: str) -> Config:
    """Return what the configuration says."""
    reader, config = Reader(text), Config()
    options = config.options
    while reader.peek()[0]:
        name = reader.take("name")
        if name in ("VirtualHost", "Component"):
            host = unquoted(reader.take("string"))
            # one without a module is a program beside the server
            module = unquoted(reader.take("string")) if reader.peek()[0] == "string" else ""
            options = {}
            config.hosts.append((name, host, module, options))
        elif name == "Include":
            config.includes.append(unquoted(reader.take("string")))
        else:
            reader.take("sign", "=")
            if name in options:
                message = f"{name} is said twice"
                raise ValueError(message)
            options[name] = reader.value()
    return config
