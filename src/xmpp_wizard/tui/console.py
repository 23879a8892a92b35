"""What a terminal can show, and the two themes made for it; measured on consoles, in multiplexers and over SSH.

Only the 8 base colours are used, on the terminal's own background: bright ones are lost on some consoles, and light
and dark terminals both work then. Shapes and words carry the meaning, a colour only repeats it.
"""

from __future__ import annotations

from collections.abc import Mapping

from textual.theme import Theme

from xmpp_wizard.core.catalogue import ASCII_WISHED

_PLAIN = {
    "border": "ansi_default",
    "border-blurred": "ansi_white",
    "block-cursor-foreground": "ansi_default",
    "block-cursor-background": "ansi_default",
    "block-cursor-text-style": "reverse",
    "input-cursor-background": "ansi_default",
    "input-cursor-foreground": "ansi_default",
    "input-cursor-text-style": "reverse",
    "input-selection-background": "ansi_cyan",
    "input-selection-foreground": "ansi_black",
    "ansi-background": "ansi_default",
    "ansi-foreground": "ansi_default",
    "scrollbar": "ansi_white",
    "scrollbar-hover": "ansi_white",
    "scrollbar-active": "ansi_white",
    "scrollbar-background": "ansi_default",
    "scrollbar-background-hover": "ansi_default",
    "scrollbar-background-active": "ansi_default",
    "scrollbar-corner-color": "ansi_default",
}


def _theme(name: str, variables: Mapping[str, str]) -> Theme:
    return Theme(
        name=name,
        ansi=True,
        primary="ansi_default",
        secondary="ansi_default",
        warning="ansi_yellow",
        error="ansi_red",
        success="ansi_green",
        accent="ansi_default",
        foreground="ansi_default",
        background="ansi_default",
        surface="ansi_default",
        panel="ansi_default",
        boost="ansi_default",
        variables=dict(variables),
    )


CONSOLE = _theme("console", _PLAIN)
"""For the Linux console and whatever has 8 or 16 colours."""

RICH = _theme("rich", {**_PLAIN, "border-blurred": "ansi_default"})
"""For terminals in windows: their own foreground is visible everywhere, also on white."""

_WINDOWS = (
    "xterm",
    "rxvt",
    "tmux",
    "screen",
    "alacritty",
    "foot",
    "kitty",
    "gnome",
    "konsole",
    "vte",
    "iterm",
    "wezterm",
)


def theme_for(environment: Mapping[str, str]) -> Theme:
    """Return the theme for the terminal that ``TERM`` names."""
    return RICH if is_window(environment) else CONSOLE


_FORCED = "C.UTF-8"
"""What Python itself writes into ``LC_CTYPE`` where the locale is C (PEP 538)."""


def draws_ascii_only(environment: Mapping[str, str]) -> bool:
    """Say whether only ASCII is sure to arrive: it was asked for, or the locale is not UTF-8."""
    if environment.get(ASCII_WISHED):
        return True
    asked = [environment.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG")]
    if not asked[0] and asked[1] == _FORCED and asked[2] in ("", "C", "POSIX"):
        asked[1] = ""
    locale = next(filter(None, asked), "")
    if locale:
        return "utf" not in locale.lower()
    # sudo and cron often leave no locale at all, while the window or the Linux console around speaks UTF-8
    return not environment.get("TERM", "").startswith((*_WINDOWS, "linux"))


def draws_half_blocks(environment: Mapping[str, str]) -> bool:
    """Say whether the font is known to have half blocks; the consoles' own fonts lack them."""
    return is_window(environment) and not draws_ascii_only(environment)


def is_window(environment: Mapping[str, str]) -> bool:
    """Say whether ``TERM`` names a terminal in a window, which has any font."""
    return environment.get("TERM", "").startswith(_WINDOWS)
