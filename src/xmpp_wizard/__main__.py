"""``main(argv) -> exit status``: the one place that turns errors into words and a status.

Nothing but :mod:`sys` is imported for ``--version``, and only one command's module for a command.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from xmpp_wizard.core.ports import World

VERSION = "0.1.0"
CTRL_C = 130
BROKEN_PIPE = 141


def main(
    argv: "Sequence[str] | None" = None,
    *,
    world: "Callable[[], World] | None" = None,
    is_root: bool | None = None,
) -> int:
    """Run one command and return its exit status (see :mod:`xmpp_wizard.core.errors`).

    ``world`` makes the outside world, the real one unless given; ``is_root`` says whether the caller may
    change the host, as the operating system has it unless given.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if _asks_for_version(arguments):
        print(f'{{"version": "{VERSION}"}}' if "--json" in arguments else f"xmpp-wizard {VERSION}")
        return 0
    try:
        from xmpp_wizard.cli.entry import run  # noqa: PLC0415 --version must not pay for it

        status = run(arguments, world or _real_world, is_root=is_root)
        sys.stdout.flush()
    except KeyboardInterrupt:
        print("\nxmpp-wizard: stopped by Ctrl-C", file=sys.stderr)
        return CTRL_C
    except BrokenPipeError:
        _swallow_output()
        return BROKEN_PIPE
    except Exception as error:  # noqa: BLE001 the last line of defence: it logs, and says that this is a bug
        from xmpp_wizard.cli.failures import explain  # noqa: PLC0415 see above

        return explain(error, arguments)
    return status


def _asks_for_version(arguments: "Sequence[str]") -> bool:
    """Say whether ``--version`` stands where a command would, after any of the options that all commands have."""
    words = iter(arguments)
    for word in words:
        if word == "--version":
            return True
        if word in ("--root", "--instance"):
            next(words, None)
        elif word != "--json" and not word.startswith(("--root=", "--instance=")):
            return False
    return False


def _real_world() -> "World":
    from xmpp_wizard.wiring import world  # noqa: PLC0415 loads the effects, which few commands need

    return world()


def _swallow_output() -> None:
    """Keep the interpreter from complaining at its end that nobody reads any more."""
    import os  # noqa: PLC0415 see above

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
