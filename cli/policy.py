"""`xuefen policy`: the packs of rules, their tests, and why a document was judged as it was."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from core.errors import Invalid, NotFound
from core.i18n import translator
from core.settings import Settings
from core.vocabulary import Outcome
from verification.cases import CheckReport, check_pack
from verification.contract import read_line
from verification.explain import Explained, UsedFact, explain
from verification.facts import FACTS
from verification.loader import list_packs, load_pack
from verification.pack import Text

app = typer.Typer(
    no_args_is_help=True,
    help="The policy packs: list them, show their rules, run their cases, explain a judgement.",
    epilog="Examples:  xuefen policy list  ·  xuefen policy show xinxiang-2016-2020  ·  xuefen policy check",
)

PackArgument = Annotated[str, typer.Argument(help="A pack's id, as `xuefen policy list` prints it.")]
MARKS = {Outcome.PASS: "[green]✓[/]", Outcome.FAIL: "[red]✗[/]", Outcome.UNKNOWN: "[yellow]?[/]", None: "[dim]–[/]"}


class Speaker:
    """Says texts in the language of the settings."""

    def __init__(self) -> None:
        """Read the language once."""
        self.language = Settings().language
        self.say = translator(self.language)
        self.console = Console(highlight=False)

    def text(self, text: Text) -> str:
        """Return a pack's sentence, safe to print."""
        return escape(text.en if self.language == "en" else text.zh)

    def table(self, *columns: str) -> Table:
        """Return an empty table with translated headings."""
        return Table(*(self.say(column) for column in columns))


@app.command("list")
def list_command() -> None:
    """List the policy packs with their cycle, version and number of rules.

    Example:  xuefen policy list
    """
    speaker = Speaker()
    table = speaker.table("Pack", "Version", "Cycle", "Rules", "Title")
    for pack_id in list_packs():
        policy = load_pack(pack_id).policy
        cycle = f"{policy.cycle.start} – {policy.cycle.end}"
        table.add_row(pack_id, policy.version, cycle, str(len(policy.rules)), speaker.text(policy.title))
    speaker.console.print(table)


@app.command("show")
def show_command(pack: PackArgument) -> None:
    """Show a pack: its notices, routes to credit, rules with clause and condition, and open questions.

    Example:  xuefen policy show xinxiang-2016-2020
    """
    speaker = Speaker()
    loaded = load_pack(pack)
    policy, say, console = loaded.policy, speaker.say, speaker.console
    console.print(f"[bold]{speaker.text(policy.title)}[/]  {policy.id} {policy.version}  sha256 {loaded.sha256}")
    for key, notice in policy.notices.items():
        console.print(f"  {key}: {escape(notice.title)} ({escape(notice.issuer)}) {notice.number or ''} {notice.file}")
    routes = speaker.table("Route", "Clause", "Category", "Figure", "Title")
    for route in policy.routes:
        routes.add_row(route.id, route.clause, route.category, escape(route.figure), speaker.text(route.title))
    console.print(routes)
    for rule in policy.rules:
        condition = rule.require if rule.when == "true" else f"{rule.when} → {rule.require}"
        console.print(f"[bold]{rule.id}[/]  {rule.clause}  {say(rule.severity)}: {rule.reason}")
        console.print(f"    {speaker.text(rule.title)}\n    [dim]{escape(condition)}[/]", soft_wrap=True)
    console.print(f"[bold]{say('Open questions')}[/]")
    for question in policy.open_questions:
        console.print(f"  {question.clause}  {speaker.text(question.question)}")
        for reading in question.readings:
            console.print(f"      · {speaker.text(reading)}")


@app.command("check")
def check_command(
    packs: Annotated[list[str] | None, typer.Argument(help="Ids of packs; all packs if none is named.")] = None,
) -> None:
    """Run every pack's cases and print how many pass and fail each rule; status 1 if a case or the coverage fails.

    Example:  xuefen policy check xinxiang-2016-2020
    """
    speaker = Speaker()
    reports = [check_pack(pack_id) for pack_id in packs or list_packs()]
    for report in reports:
        _print_report(speaker, report)
    if not all(report.ok for report in reports):
        raise typer.Exit(1)


def _print_report(speaker: Speaker, report: CheckReport) -> None:
    coverage = report.coverage
    table = speaker.table("Rule", "Passing cases", "Failing cases")
    for rule, passed in coverage.passed.items():
        table.add_row(rule, str(passed), str(coverage.failed[rule]))
    speaker.console.print(table)
    wrong = [result for result in report.results if result.differences]
    for result in wrong:
        speaker.console.print(f"[red]✗[/] {escape(result.case.name)}")
        for difference in result.differences:
            speaker.console.print(f"    {escape(difference)}")
    for missing in coverage.missing:
        speaker.console.print(f"[red]✗[/] {speaker.say('No case shows')} {missing}")
    sides = 2 * len(coverage.passed)
    summary = speaker.say("{pack}: {right} of {cases} cases right, {covered} of {sides} sides of rules covered.")
    speaker.console.print(
        summary.format(
            pack=report.pack.policy.id,
            right=len(report.results) - len(wrong),
            cases=len(report.results),
            covered=sides - len(coverage.missing),
            sides=sides,
        )
    )


@app.command("explain")
def explain_command(
    document: Annotated[Path, typer.Argument(help="A file of JSON lines as `xuefen read --jsonl` writes it.")],
    line: Annotated[int, typer.Option(help="Which line of the file.", min=1)] = 1,
    policy: Annotated[str | None, typer.Option(help="Judge by this pack instead of the line's own.")] = None,
) -> None:
    """Explain a judgement: each rule with its clause and outcome, the facts it asked and where they stand on the page.

    Example:  xuefen policy explain out.jsonl --line 3
    """
    speaker = Speaker()
    data = _line_of(document, line)
    try:
        reading, submission, matches = read_line(data)
        pack_id = policy or str(data["policy"]["id"])
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid(
            "line_malformed", "Line {line} of {file} is no line of a document.", line=line, file=document.name
        ) from error
    explanation = explain(load_pack(pack_id), reading, submission, matches)
    judgement = explanation.judgement
    speaker.console.print(f"[bold]{escape(str(data['file']))}[/]  {reading.doc_type}  {pack_id}")
    for explained in explanation.rules:
        _print_rule(speaker, explained)
    reasons = ", ".join(judgement.reasons)
    speaker.console.print(f"[bold]{speaker.say(judgement.recommendation)}[/]  {reasons}")
    if judgement.credits is not None:
        speaker.console.print(f"{judgement.category or ''}  {judgement.credits}")
    for step in judgement.needs_attestation:
        speaker.console.print(f"{speaker.say('Needs an attestation:')} {step}")


def _line_of(document: Path, line: int) -> dict[str, Any]:
    if not document.is_file():
        raise NotFound("file_not_found", "There is no file {file}.", file=document.name)
    lines = [text for text in document.read_text(encoding="utf-8").splitlines() if text.strip()]
    try:
        data = json.loads(lines[line - 1])
    except (IndexError, ValueError):
        data = None
    if not isinstance(data, dict):
        raise Invalid(
            "line_malformed", "Line {line} of {file} is no line of a document.", line=line, file=document.name
        )
    return data


def _print_rule(speaker: Speaker, explained: Explained) -> None:
    rule, finding = explained.rule, explained.finding
    heading = f"{MARKS[explained.outcome]} {rule.id}  {rule.clause}  {escape(explained.notice)}"
    if finding is None:
        speaker.console.print(f"[dim]{heading}  {speaker.say('does not apply')}[/]")
        return
    message = finding.message_en if speaker.language == "en" else finding.message_zh
    speaker.console.print(f"{heading}\n    {escape(message)}")
    for fact in explained.facts:
        speaker.console.print(f"    {_fact_text(speaker, fact)}")


def _fact_text(speaker: Speaker, fact: UsedFact) -> str:
    shown = speaker.say(fact.state) if fact.value is None else str(fact.value)
    text = f"{fact.name} = {shown}  ({speaker.say(FACTS[fact.name].meaning)})"
    for name, value in fact.sources:
        box = ", ".join(f"{edge:.3f}" for edge in value.box.as_list())
        place = speaker.say("page {page}, box {box}, confidence {confidence}")
        told = place.format(page=value.page, box=f"[{box}]", confidence=f"{value.confidence:.2f}")
        text += f"\n        {name}: “{value.text}” {told}"
    return escape(text)
