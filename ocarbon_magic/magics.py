"""`%%carbon` and `%carbon`: parse the line, hand over."""

from __future__ import annotations

import argparse
import os
import shlex
from typing import TYPE_CHECKING, Any, NoReturn

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class
from traitlets import Bool, Float, Int, Unicode, Union

from ocarbon_magic.cell import CellRuns, Refused, execute
from ocarbon_magic.comms import offer, withdraw
from ocarbon_magic.completion import complete_cell, complete_line
from ocarbon_magic.config import OPTIONS, resolve
from ocarbon_magic.options import OptionError, unknown_name
from ocarbon_magic.shells import configuration, status_of

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from ocarbon_magic.measurement import Measurement


_HELP = ("--help", "-h")


class _Parser(argparse.ArgumentParser):
    """An argument parser that answers with a sentence instead of leaving the process."""

    def error(self, message: str) -> NoReturn:
        raise OptionError(message)

    def split(self, words: list[str]) -> tuple[argparse.Namespace, list[str]]:
        """Return what the words say, and those that are no option's."""
        try:
            return self.parse_known_args(words)
        except argparse.ArgumentError as error:
            wants = {option.flag for option in OPTIONS.values() if option.metavar is not None}
            flag = error.argument_name
            problem = "needs a value" if flag in wants else "takes no value"
            raise OptionError(f"{flag} {problem}.") from None


def _parser() -> _Parser:
    parser = _Parser(prog="%%carbon", add_help=False, allow_abbrev=False, exit_on_error=False)
    for option in OPTIONS.values():
        if option.metavar is None:
            parser.add_argument(option.flag, action="store_true", default=None, help=option.help)
        elif option.optional:
            parser.add_argument(
                option.flag, metavar=option.metavar, help=option.help, nargs="?", const=True
            )
        else:
            parser.add_argument(option.flag, metavar=option.metavar, help=option.help)
    return parser


def parse(line: str) -> dict[str, object]:
    """Return the options on the first line of a cell, by Python name.

    Raises
    ------
    OptionError
        If the line cannot be read, or holds what is not an option.
    """
    try:
        words = shlex.split(line)
    except ValueError:
        raise OptionError("a quotation mark in the %%carbon line is not closed.") from None
    known, strange = _parser().split(words)
    if strange:
        word = strange[0].split("=")[0]
        if word in _HELP:
            raise OptionError("%%carbon? shows the options, in a cell of its own.")
        kind = "option" if word.startswith("-") else "word"
        raise OptionError(unknown_name(kind, word, [o.flag for o in OPTIONS.values()]))
    return vars(known)


@magics_class
class CarbonMagics(Magics):
    """The magics, and what the IPython configuration may set for them."""

    zone = Unicode(None, allow_none=True, help=OPTIONS["zone"].help).tag(config=True)
    intensity = Float(None, allow_none=True, help=OPTIONS["intensity"].help).tag(config=True)
    live_intensity = Unicode(None, allow_none=True, help=OPTIONS["live_intensity"].help).tag(
        config=True
    )
    pue = Float(None, allow_none=True, help=OPTIONS["pue"].help).tag(config=True)
    embodied = Union(
        [Float(), Unicode()], default_value=None, allow_none=True, help=OPTIONS["embodied"].help
    ).tag(config=True)
    lifetime = Float(None, allow_none=True, help=OPTIONS["lifetime"].help).tag(config=True)
    devices = Unicode(None, allow_none=True, help=OPTIONS["devices"].help).tag(config=True)
    interval = Float(None, allow_none=True, help=OPTIONS["interval"].help).tag(config=True)
    budget = Float(None, allow_none=True, help=OPTIONS["budget"].help).tag(config=True)
    forecast = Unicode(None, allow_none=True, help=OPTIONS["forecast"].help).tag(config=True)
    no_flop = Bool(None, allow_none=True, help=OPTIONS["no_flop"].help).tag(config=True)
    no_panel = Bool(None, allow_none=True, help=OPTIONS["no_panel"].help).tag(config=True)
    project = Unicode(None, allow_none=True, help=OPTIONS["project"].help).tag(config=True)
    no_journal = Bool(None, allow_none=True, help=OPTIONS["no_journal"].help).tag(config=True)
    metrics_port = Union(
        [Int(), Unicode()], default_value=None, allow_none=True, help=OPTIONS["metrics_port"].help
    ).tag(config=True)
    metrics_file = Unicode(None, allow_none=True, help=OPTIONS["metrics_file"].help).tag(
        config=True
    )
    otel = Bool(None, allow_none=True, help=OPTIONS["otel"].help).tag(config=True)
    quiet = Bool(None, allow_none=True, help=OPTIONS["quiet"].help).tag(config=True)

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self._shell: Any = shell  # the base class says it may be None
        self.cells = CellRuns(shell, self.begin)

    def complete(self) -> None:
        """Let the tab key know our words."""
        self._shell.set_hook("complete_command", complete_cell, str_key="%%carbon")
        self._shell.set_hook("complete_command", complete_line, str_key="%carbon")

    @line_cell_magic
    def carbon(self, line: str, cell: str | None = None) -> object:
        """Measure the cell, or ask about what was measured."""
        if cell is None:
            from ocarbon_magic.subcommands import answer  # noqa: PLC0415 - when first asked

            return answer(line)
        try:
            measurement = self.begin(line, cell)
        except Refused as refused:
            raise UsageError(str(refused)) from None
        try:
            value = execute(self._shell, cell, measurement)
        except BaseException as error:
            measurement.end(status_of(error))
            raise
        measurement.end("finished")
        return value

    def begin(self, line: str, source: str) -> Measurement:
        """Begin to measure a cell, given the rest of its first line and its source.

        Raises
        ------
        Refused
            If the options, the zone or the devices are wrong; the cell must not start.
        """
        from ocarbon_magic.measurement import Measurement, Surroundings  # noqa: PLC0415 - loading
        from ocarbon_magic.naming import name_of  # noqa: PLC0415 - the extension costs
        from ocarbon_magic.running import CellCode  # noqa: PLC0415
        from ocarbon_magic.views.inline import display_for  # noqa: PLC0415 - next to nothing

        shell = self._shell
        try:
            settings, warnings = resolve(parse(line), configuration(shell), os.environ)
            display = display_for(shell, quiet=settings.quiet, live=not settings.no_panel)
            here = Surroundings(
                display,
                shell.ev,
                shell.user_ns,
                shell.compile.flags,
                CellCode(shell.user_global_ns),
                shell,
                shell.user_ns,
            )
            measurement = Measurement(settings, name_of(source), warnings, here)
            measurement.begin()
        except ValueError as error:
            raise Refused(f"%%carbon: {error}") from None
        return measurement


CarbonMagics.carbon.__doc__ = f"""Measure the energy and the emissions of a cell.

In a cell, on its first line::

    %%carbon [options]

{_parser().format_help().split("options:", 1)[-1].rstrip()}

On a line of its own, to ask about what was measured::

    %carbon [status | doctor | estimate OPTIONS | runs [NAME] | compare [RUN ...] |
             whatif [RUN] OPTIONS | when [DURATION] OPTIONS | advise [RUN] |
             report [RUN ...] | export PATH [RUN ...] | zone TEXT | help [SUBCOMMAND]]
"""


def _misplaced(_line: str) -> NoReturn:
    """Say where ``%%carbon`` belongs: further down in a cell IPython takes it for a line magic."""
    raise UsageError("%%carbon belongs on the first line of a cell of its own.")


def load(shell: InteractiveShell) -> None:
    """Register the magics with ``shell`` and let measured cells run."""
    known = shell.magics_manager.registry.get(CarbonMagics.__name__)
    magics = known if isinstance(known, CarbonMagics) else CarbonMagics(shell)
    shell.register_magics(magics)
    shell.magics_manager.register_function(_misplaced, "line", "%carbon")
    magics.cells.install()
    magics.complete()
    offer(shell)


def unload(shell: InteractiveShell) -> None:
    """Forget the magics; the instance stays, since a cell may be running."""
    magics = shell.magics_manager.registry.get(CarbonMagics.__name__)
    if isinstance(magics, CarbonMagics):
        magics.cells.uninstall()
        for names in shell.magics_manager.magics.values():
            for name in ("carbon", "%carbon"):
                names.pop(name, None)
    withdraw(shell)
