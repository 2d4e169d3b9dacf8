"""What all commands share: the group, its exit codes and sentences, and how results are shown.

Exit code 0: done. 1: done, and something needs attention, which is named. 2: could not be done: one sentence says what,
where and what to do. Results go to standard output, progress to standard error; with `--json` standard output holds one
JSON document and nothing else.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from assessor import files
from assessor.errors import AssessorError

F = TypeVar("F", bound=Callable[..., Any])

DONE, ATTENTION, FAILED = 0, 1, 2
_OTHERS = 0o007
"""Permissions of those who are neither the owner nor in the group of a file."""


class Commands(click.Group):
    """Lists commands in the order of their definition, and turns our errors into one sentence and exit code 2."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def main(self, *args: Any, **kwargs: Any) -> Any:
        kwargs["standalone_mode"] = False
        before = os.umask(files.umask() | _OTHERS)  # what clients entrust is nobody else's; a team shares by its group
        try:
            code = super().main(*args, **kwargs)
        except AssessorError as error:
            if "--debug" in sys.argv:
                raise
            code = _fail(str(error), getattr(error, "problems", ()))
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            code = FAILED
        except click.UsageError as error:
            command = error.ctx.command_path if error.ctx else "assessor"
            code = _fail(f"{error.format_message()} `{command} --help` shows how it is used.")
        except (click.Abort, KeyboardInterrupt):
            code = _fail("Stopped. What was finished is kept; the same command goes on from there.")
        except BrokenPipeError:  # who read the output has had enough, as `head` does
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nothing is left to be written at the end
            code = ATTENTION
        except OSError as error:
            if "--debug" in sys.argv:
                raise
            code = _fail(
                f"{error.filename or 'A file'}: {error.strerror or error}. Mend that and run the command again."
            )
        except Exception as error:
            if "--debug" in sys.argv:
                raise
            code = _fail(
                f"An error in assessor itself ({type(error).__name__}: {error}). Run it as `assessor --debug …` and report what that prints."
            )
        finally:
            os.umask(before)
        sys.exit(code if isinstance(code, int) else DONE)


def _fail(sentence: str, several: Sequence[str] = ()) -> int:
    """Say what is wrong; of several things each on a line."""
    if len(several) > 1:
        sentence = sentence.removesuffix(" ".join(several))
    for text in (f"assessor: {sentence}", *(f"  {each}" for each in several if len(several) > 1)):
        click.echo(f"{'  ' if text.startswith('  ') else ''}{' '.join(text.split())}", err=True)
    return FAILED


def progress(text: str) -> None:
    click.echo(f"  {text}", err=True)


def json_option(command: F) -> F:
    return click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")(command)


def folder_argument(command: F) -> F:
    return click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))(command)


def print_json(content: Any) -> None:
    from assessor.results import to_json

    click.echo(to_json(content), nl=False)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="assessor", message="assessor %(version)s")
@click.option("--debug", is_flag=True, help="Show tracebacks of errors.")
def main(debug: bool) -> None:
    """Toolkit for third-party assessors under 15 CFR part 791 subpart D (connected vehicles)."""


def show_problems(heading: str, problems: list[Any]) -> None:
    if problems:
        click.echo(f"\n{heading} ({len(problems)})")
        for problem in problems:
            click.echo(f"  {problem['place']}\n      {problem['message']}")
