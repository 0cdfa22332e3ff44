"""The `xuefen` command: one Typer app, one module for each command group."""

import typer

app = typer.Typer(no_args_is_help=True)
