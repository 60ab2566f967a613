"""What the commands ``scout`` and ``review`` share: exit codes, ``--json``, one sentence for each trouble.

Knows no command; the rooms hand theirs to :func:`run_command`.
"""

import gc
import os
import sys
from typing import NoReturn

import click

from models.settings import SettingsError

#: Exit codes of every command (DESIGN 5).
DONE, COULD_NOT_FINISH, WRONG_USE = 0, 1, 2

as_json = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object on stdout, nothing else."
)


class CannotFinishError(Exception):
    """A command or stage can't do its work; the message says why in one sentence."""

    exit_code = COULD_NOT_FINISH


def run_command(command: click.Command, name: str) -> None:
    """Run ``command``; known troubles become one sentence and an exit code, never a traceback."""
    # Nearly all that a command makes, its libraries first, stays until its end. Looking less often for what
    # nobody holds any more spares `scout gather` 2 of 100 instructions, `scout flag` 3 (2026-11-22).
    gc.set_threshold(50_000, 20, 20)
    try:
        command(standalone_mode=False, prog_name=name)
    except click.ClickException as error:
        error.show()
        sys.exit(WRONG_USE)
    except (click.Abort, KeyboardInterrupt):
        _fail(name, "stopped", 130)
    except SettingsError as error:
        _fail(name, str(error), WRONG_USE)
    except CannotFinishError as error:
        _fail(name, str(error), error.exit_code)
    except BrokenPipeError:
        os._exit(COULD_NOT_FINISH)
    except OSError as error:
        _fail(name, f"{error.filename or 'system'}: {error.strerror or error}", COULD_NOT_FINISH)
    except Exception as error:
        # Imported by whoever used a database; importing it here would weigh on every worker process.
        database = sys.modules.get("sqlalchemy.exc")
        if database is None or not isinstance(error, database.DBAPIError):
            raise
        _fail(name, f"the database can't be used: {error.orig}", COULD_NOT_FINISH)


def _fail(name: str, message: str, code: int) -> NoReturn:
    click.echo(f"{name}: {message}", err=True)
    sys.exit(code)
