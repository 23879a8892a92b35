"""``main(argv) -> exit status``: the one place that turns errors into words and a status.

Nothing but :mod:`sys` is imported for ``--version``, and only one command's module for a command.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from xmpp_wizard.cli.context import Context
    from xmpp_wizard.core.ports import World

VERSION = "0.1.0"
EFFECT_STATUS = 3
CTRL_C = 130
BROKEN_PIPE = 141
_OBJECTS_BETWEEN_LOOKS = 10_000


def program() -> int:
    """Run the command that this process was started with, and return its exit status.

    A command keeps nearly all that it makes to its end. Looking through that for what nobody needs any more, several
    times on its way and once more just before the memory goes back, took a sixth of the time of most of them.
    """
    import gc  # noqa: PLC0415 only where the process is ours

    gc.set_threshold(_OBJECTS_BETWEEN_LOOKS)
    status = main()
    gc.freeze()
    return status


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
    _replace_closed_streams()
    try:
        status = _run(arguments, world or _real_world, is_root=is_root)
        sys.stdout.flush()
    except BrokenPipeError:
        _swallow_output()
        return BROKEN_PIPE
    except OSError as error:
        if not _is_full_output(error):
            raise
        _swallow_output()
        _tell_of_full_output()
        return EFFECT_STATUS
    return status


def _run(arguments: "list[str]", world: "Callable[[], World]", *, is_root: bool | None) -> int:
    if _asks_for_version(arguments):
        print(f'{{"version": "{VERSION}"}}' if "--json" in arguments else f"xmpp-wizard {VERSION}")
        return 0
    try:
        from xmpp_wizard.cli.entry import run  # noqa: PLC0415 --version must not pay for it

        return run(arguments, world, is_root=is_root, open_wizard=_open_wizard)
    except KeyboardInterrupt:
        print("\nxmpp-wizard: stopped by Ctrl-C", file=sys.stderr)
        return CTRL_C
    except BrokenPipeError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and _is_full_output(error):
            raise
        from xmpp_wizard.cli.failures import explain  # noqa: PLC0415 see above

        return explain(error, arguments)


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


def _open_wizard(context: "Context", sets: "Sequence[str]") -> int:
    """Run the wizard on the full screen; only root may, and whoever is not gets the command that works."""
    context.insist_on_root()
    if not sys.stdout.isatty():
        from xmpp_wizard.core.errors import UsageError  # noqa: PLC0415 see above
        from xmpp_wizard.core.text import say  # noqa: PLC0415 see above

        raise UsageError(
            say("the full screen needs a terminal, and the output goes elsewhere"),
            say("Line by line: {command}", command=context.command("setup", "--plain")),
        )
    from xmpp_wizard.tui.entry import start  # noqa: PLC0415 no command needs Textual

    return start(lambda: context.any_world, context.layout, context.environment, sets)


def _real_world() -> "World":
    from xmpp_wizard.wiring import world  # noqa: PLC0415 loads the effects, which few commands need

    return world()


def _replace_closed_streams() -> None:
    """Stand in for what the caller has closed (``>&-``): such output goes nowhere, such input is empty."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # lasts as long as the program; takes the lowest descriptor, which is the closed one
            setattr(sys, name, open("/dev/null", mode, encoding="utf-8"))  # noqa: SIM115, PTH123 see above


def _is_full_output(error: OSError) -> bool:
    """Say whether a stream has no room; errors of files are WizardErrors and name the file."""
    import errno  # noqa: PLC0415 see above

    return error.errno == errno.ENOSPC and error.filename is None


def _tell_of_full_output() -> None:
    try:
        print("xmpp-wizard: the output cannot be written: no room is left where it goes", file=sys.stderr, flush=True)
    except OSError:
        _swallow_output()


def _swallow_output() -> None:
    """Keep the interpreter from complaining at its end about output that cannot be written."""
    import os  # noqa: PLC0415 see above

    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    sys.exit(program())
