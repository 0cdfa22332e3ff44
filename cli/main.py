"""The `xuefen` command: one Typer app, one module for each command group."""

import sys

import typer

from cli import admin, api, db, demo, models, policy, read, up, worker
from core.errors import XuefenError
from core.i18n import error_text_both

app = typer.Typer(
    name="xuefen",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="学分受理：教师学分银行的材料受理与证书核验。/ Document intake for teacher credit banks.",
    epilog="例 / Examples:  xuefen up  ·  xuefen demo  ·  xuefen read scans/ --jsonl out.jsonl",
)
app.command("up")(up.up)
app.command("demo")(demo.demo)
app.command("read")(read.read)
app.add_typer(worker.app, name="worker")
app.command("api")(api.api)
app.add_typer(admin.app, name="admin")
app.add_typer(policy.app, name="policy")
app.add_typer(models.app, name="models")
app.add_typer(db.app, name="db")


def main() -> None:
    """Run the command; an expected error is one clear line in both languages and status 1."""
    try:
        app()
    except XuefenError as error:
        sys.stderr.write(f"xuefen: [{error.code}] {error_text_both(error)}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
