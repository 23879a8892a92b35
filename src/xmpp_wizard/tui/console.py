"""What a terminal can show, and the two themes made for it; measured on consoles, in multiplexers and over SSH.

Only the 8 base colours are used, on the terminal's own background: bright ones are lost on some consoles, and light
and dark terminals both work then. Shapes and words carry the meaning, a colour only repeats it.
"""

from __future__ import annotations

from collections.abc import Mapping

from textual.theme import Theme

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
    return RICH if environment.get("TERM", "").startswith(_WINDOWS) else CONSOLE


def draws_half_blocks(environment: Mapping[str, str]) -> bool:
    """Say whether the font is known to have half blocks; the consoles' own fonts lack them."""
    return environment.get("TERM", "").startswith(_WINDOWS) and _is_utf8(environment)


def _is_utf8(environment: Mapping[str, str]) -> bool:
    locale = next((environment[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environment.get(name)), "")
    # sudo and cron often leave no locale at all, while the window around speaks UTF-8
    return not locale or "utf" in locale.lower() or locale in ("C", "POSIX")
