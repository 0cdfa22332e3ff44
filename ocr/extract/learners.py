"""The learner whom a score page shows without a label: a verified name, a name in the page's bar, an account. Pure."""

import re
from itertools import pairwise

from core.vocabulary import DocType, FieldName
from ocr.extract.courses import LONGEST_NICKNAME, with_labelled_nickname
from ocr.extract.screenwords import screen_words
from ocr.extract.titles import RIGHT_PART, TOP_BAR, page_top
from ocr.fields import candidate_at
from ocr.formbook import formbook
from ocr.found import Found
from ocr.layout import DocumentText
from ocr.runs import PlacedLine, Run, pieces
from ocr.values import UNSURE_NAME, person_name

Facts = dict[FieldName, Found]

# A browser's own bar can stand over the page's: so far down a name that is surely one still counts.
LOW_BAR = 0.14
VERIFIED_GAP = 1.4
# How far right of a name its mark of verification may stand, in heights of the mark.
MARK_REACH = 3.0
# And where the two are alone on their row.
PAIR_REACH = 20.0
PAIR = 2
UNLABELLED = 0.75
# A Chinese name alone where a page shows whose it is.
NAME_IN_BAR = 0.92
ACCOUNT = 0.93
VERIFIED_BELOW = 0.93
TOP_PART = 0.25
_BAR_WORDS = (
    r"(?:我的(?:课程|学习|主页|空间)|个人(?:中心|空间|主页)|学习中心|退出(?:登录)?|注销|登录|实名用户|认证用户|学员|用户|首页|消息|通知|设置|帮助|"
    r"欢迎[您你]?回?来?|[您你]好|Hi|Hello)"
)
_IN_BAR = re.compile(rf"(?:{_BAR_WORDS}[,.:!|\d()]*)*(?P<name>.+?)(?:[,.:!|]*{_BAR_WORDS}|[▾▼∨˅vV>])*")
_VERIFIED = re.compile(
    r"[(\[【√✓☑✔vV]?(?:已(?:完成|通过)?(?:实名认证|实名|认证)(?:用户|学员)?|实名认证:?(?:用户|学员|已?通过|已?成功|已认证|已完成)?|实名|(?:身份|实名)(?:信息)?已?(?:通过)?(?:核验|验证|认证|确认))[√✓vV]?[)\]】]?"
)
_NAME_AND_MARK = re.compile(
    r"(?P<name>[\u3400-\u9fff]{2,8}(?:·[\u3400-\u9fff]{1,8})*)[·|]?[(\[【](?:已?(?:完成|通过)?(?:实名|认证|实名认证)|身份已(?:核验|验证|认证))(?:用户|学员)?[)\]】]"
)
# Signs that no word has: an account's name wherever it stands.
_MARKED = re.compile(r"[A-Za-z]_|_[A-Za-z]|[A-Za-z]{2}\d{2}")
_ACCOUNT = re.compile(r"(?=.*[a-z])[A-Za-z][A-Za-z0-9]*[_.\-]?[A-Za-z0-9_]{2,}")


def with_learner(document: DocumentText, facts: Facts) -> Facts:
    """Find the learner's shown name without a label: at the page's upper right, or an account's name near the top."""
    if FieldName.HOLDER_NAME in facts or FieldName.NICKNAME in facts:
        return facts
    verified = _marked_name(document) or _verified_name(document)
    if verified:
        return {**facts, FieldName.HOLDER_NAME: verified}
    labelled = with_labelled_nickname(document, facts, DocType.SCORE_SCREENSHOT)
    if FieldName.NICKNAME in labelled:
        return labelled
    for order, line in enumerate(document.lines):
        reach = page_top(document, line.page) + (LOW_BAR if _surely_a_name(line) else TOP_BAR)
        in_bar = line.box.bottom < reach and line.box.left > RIGHT_PART
        account = _ACCOUNT.fullmatch(line.run.text) and (line.box.bottom < TOP_PART or _MARKED.search(line.run.text))
        if (in_bar or account) and len(line.run.text) <= LONGEST_NICKNAME:
            found = _shown_name(document, line, order, in_bar=in_bar)
            if found:
                return {**facts, found.name: found}
    shown = _account_by_platform(document)
    return {**facts, shown.name: shown} if shown else facts


def _account_by_platform(document: DocumentText) -> Found | None:
    """Return the account's name that follows the platform's on its line, sure to be one by its signs."""
    for order, line in enumerate(document.lines):
        for before, word in pairwise(pieces(line.run)):
            if not (_ACCOUNT.fullmatch(word.text) and _MARKED.search(word.text)):
                continue
            if any(pattern.search(before.text) for _, pattern in formbook().platforms):
                return candidate_at(document, FieldName.NICKNAME, word, ACCOUNT, order)
    return None


def _marked_name(document: DocumentText) -> Found | None:
    """Return the name that a mark of verification follows on its line: 首页 张三(实名), 首页 张三 已认证."""
    for order, line in enumerate(document.lines):
        words = pieces(line.run)
        marked = [piece.part(*match.span("name")) for piece in words if (match := _NAME_AND_MARK.fullmatch(piece.text))]
        apart = [name for name, mark in pairwise(words) if _VERIFIED.fullmatch(mark.text)]
        for run in (*marked, *apart):
            found = _real_name(document, run, VERIFIED_BELOW, order)
            if found:
                return found
    return None


def _verified_name(document: DocumentText) -> Found | None:
    """Return the name right over or left of the words that it is verified, as on a card of the learner."""
    for mark in document.lines:
        if not _VERIFIED.fullmatch(re.split(r"[·|]", mark.run.text, maxsplit=1)[0]):
            continue
        for order, line in enumerate(document.lines):
            gap = mark.box.top - line.box.bottom
            beside = min(line.box.right, mark.box.right) > max(line.box.left, mark.box.left)
            below = beside and -mark.height / 2 < gap < VERIFIED_GAP * mark.height
            level = abs(line.box.center_y - mark.box.center_y) < mark.height / 2
            gap_right = mark.box.left - line.box.right
            right = level and 0 <= gap_right < (PAIR_REACH if _two(document, mark) else MARK_REACH) * mark.em
            if line.page == mark.page and (below or right):
                found = _real_name(document, line.run, VERIFIED_BELOW, order)
                if found:
                    return found
    return None


def _two(document: DocumentText, mark: PlacedLine) -> bool:
    """Return whether a mark and one other line stand alone on their row, as at the two ends of a card."""
    level = [
        line
        for line in document.lines
        if line.page == mark.page and abs(line.box.center_y - mark.box.center_y) < mark.height / 2
    ]
    return len(level) == PAIR


def _real_name(document: DocumentText, run: Run, weight: float, order: int) -> Found | None:
    real = person_name(run.text)
    if real is None or real.factor <= UNSURE_NAME or screen_words().not_titles.search(run.text):
        return None
    return candidate_at(document, FieldName.HOLDER_NAME, run, weight, order)


def _surely_a_name(line: PlacedLine) -> bool:
    real = person_name(line.run.text)
    return real is not None and real.factor > UNSURE_NAME


def _shown_name(document: DocumentText, line: PlacedLine, order: int, *, in_bar: bool) -> Found | None:
    """Return a name or nickname, in a page's bar among its links: 我的课程 张三, 你好,张三, 张三|退出."""
    match = _IN_BAR.fullmatch(line.run.text) if in_bar else None
    run = line.run.part(*match.span("name")) if match else line.run
    text = run.text
    if screen_words().not_titles.search(text) or not re.search(r"[A-Za-z\u3400-\u9fff]", text):
        return None
    if any(pattern.search(line.line.text) for _, pattern in formbook().platforms):
        # The platform's brand stands in a page's bar too.
        return None
    real = person_name(text)
    name = FieldName.HOLDER_NAME if real and real.factor > UNSURE_NAME else FieldName.NICKNAME
    weight = ACCOUNT if _ACCOUNT.fullmatch(text) else UNLABELLED
    if in_bar and name is FieldName.HOLDER_NAME:
        weight = NAME_IN_BAR
    return candidate_at(document, name, run, weight, order)
