"""`xuefen read`: read and judge files here and now, without a server."""

import json
import os
import sys
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, TextIO

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from api.pages.labels import LABELS
from cli.reading import Run
from core.clock import DISPLAY_ZONE
from core.errors import Invalid
from core.i18n import error_text_both, translator
from core.settings import Settings
from core.vocabulary import FieldName, UploadKind
from intake.collect import CollectedFile, collect
from intake.manifest import read_manifest
from intake.roster import read_roster
from intake.service import limits_of
from ocr.names import Roster
from ocr.service import fetch_models, open_readers
from verification.loader import load_pack

SOME_REFUSED = 3
PIPED_WIDTH = 160
STYLES = {"approve": "green", "review": "yellow", "reject": "red"}

messages = Console(stderr=True)


def read(
    paths: Annotated[list[Path] | None, typer.Argument(help="文件、文件夹或 ZIP / Files, folders or ZIPs.")] = None,
    policy: Annotated[str, typer.Option(help="政策包 / Policy pack.")] = "xinxiang-2016-2020",
    roster: Annotated[Path | None, typer.Option(help="花名册 XLSX 或 CSV / Roster.")] = None,
    manifest: Annotated[
        Path | None, typer.Option(help="CSV：file, upload_kind；规定顺序 / CSV that fixes order and upload kind.")
    ] = None,
    as_: Annotated[
        UploadKind, typer.Option("--as", help="个人材料或组织单位登记 / A teacher's own evidence or the organiser's.")
    ] = UploadKind.INDIVIDUAL,
    jsonl: Annotated[Path | None, typer.Option(help="JSON 行写到这里 / Write the JSON lines here.")] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="同时识别的进程数 / Reader processes.")] = 2,
    lang: Annotated[str, typer.Option(help="消息语言 zh 或 en / Language of messages.")] = "zh",
) -> None:
    """识别并核验文件，不启动服务 / Read and judge files without a server.

    例 / Examples:

    xuefen read scans/ batch.zip --roster roster.xlsx --jsonl out.jsonl

    xuefen read --manifest fixtures/samples/manifest.csv --roster fixtures/roster.xlsx

    退出码 / Status: 0 全部读完 all read, 3 有文件被拒 some refused, 1 运行失败 the run failed.
    """
    if not paths and manifest is None:
        raise Invalid("nothing_to_read", "Name files, folders or ZIPs, or a manifest.")
    settings = Settings()
    limits = limits_of(settings)
    run = Run(load_pack(policy), _roster(roster), datetime.now(DISPLAY_ZONE).date(), lang)
    listed = read_manifest(manifest, limits) if manifest else None
    fetch_models(settings)
    with TemporaryDirectory(prefix="xuefen-read-") as scratch:
        files = list(collect(paths or [], listed, limits, Path(scratch), as_))
        lines = _read_all(run, files, settings, workers, jsonl)
    _show(lines, lang)
    if any("error" in line for line in lines):
        raise typer.Exit(SOME_REFUSED)


def _roster(path: Path | None) -> Roster:
    if path is None:
        return Roster([])
    sheet = read_roster(path)
    for problem in sheet.problems:
        text = error_text_both(problem.error)
        messages.print(f"{path.name}:{problem.row} [{problem.error.code}] {text}", style="yellow", markup=False)
    return Roster(sheet.teachers)


def _read_all(
    run: Run, files: list[CollectedFile], settings: Settings, workers: int, jsonl: Path | None
) -> list[dict[str, Any]]:
    """Return all lines, written to `jsonl` (readable by its owner only: it holds ID numbers) as they come."""
    lines: list[dict[str, Any]] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    out = None if jsonl is None else _private_file(jsonl)
    try:
        with open_readers(settings, workers) as pool, Progress(*columns, console=messages) as progress:
            task = progress.add_task(translator(run.language)("Reading"), total=len(files))
            for name, found in run.lines(files, pool):
                lines += found
                if out is not None:
                    out.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in found)
                    out.flush()
                progress.update(task, advance=1, description=escape(name[-40:]))
    finally:
        if out is not None:
            out.close()
    return lines


def _private_file(path: Path) -> TextIO:
    try:
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8")
    except OSError as error:
        raise Invalid("output_not_writable", "{file} cannot be written.", file=path.name) from error


def _show(lines: list[dict[str, Any]], language: str) -> None:
    say = translator(language)
    table = Table()
    for heading in ("File", "Type", "Name", "Hours", "Score", "Recommendation", "First reason"):
        table.add_column(say(heading), overflow="fold")
    for line in lines:
        if "error" in line:
            error = line["error"]
            table.add_row(
                escape(line["file"]), "", "", "", "", say("refused"), escape(f"[{error['code']}] {error['message']}")
            )
            continue
        style = STYLES[line["recommendation"]]
        table.add_row(
            escape(_place(line)),
            say(LABELS["doc_type"][line["doc_type"]]),
            escape(_value(line, FieldName.HOLDER_NAME) or _people(line)),
            _value(line, FieldName.HOURS),
            _value(line, FieldName.SCORE),
            f"[{style}]{say(line['recommendation'])}[/{style}]",
            escape(_first_reason(line)),
        )
    Console(width=None if sys.stdout.isatty() else PIPED_WIDTH).print(table)


def _first_reason(line: dict[str, Any]) -> str:
    """Return the message of the finding that weighs most, with its clause."""
    if not line["reasons"]:
        return ""
    code = line["reasons"][0]
    for finding in line["findings"]:
        if finding["reason"] == code and finding["outcome"] != "pass":
            return f"{finding['message']}（{finding['clause']}）"
    return str(code)


def _place(line: dict[str, Any]) -> str:
    pages = line["pages"]
    return (
        line["file"] if pages == [1] else f"{line['file']} p.{pages[0]}" + (f"-{pages[-1]}" if len(pages) > 1 else "")
    )


def _value(line: dict[str, Any], name: FieldName) -> str:
    field = line["fields"].get(name.value)
    return "" if field is None else str(field["value"])


def _people(line: dict[str, Any]) -> str:
    signed = sum(1 for row in line["rows"] if row["signed"] and not row["struck"])
    return f"{signed}/{len(line['rows'])}" if line["rows"] else ""
