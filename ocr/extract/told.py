"""Score pages that tell of a course in a sentence, as messages do: 你参加的课程《…》已结束,成绩为85分. Pure."""

import re

from core.vocabulary import FieldName
from ocr.fields import candidate_at
from ocr.found import Found
from ocr.layout import DocumentText

Facts = dict[FieldName, Found]

TOLD = 0.95
_TITLE = re.compile(r"《(?P<title>[^》\n]{2,60})》")
_TAKEN = re.compile(
    r"(?:参加|修读|学习|选修|完成|学完|修完|加入|报名|通过|选读)了?的?:?"
    r"(?:由?(?P<issuer>[\u3400-\u9fff]{2,16}?(?:大学|学院|学校))的?(?:开设|开课|主讲|提供)?的?)?"
    r"(?:在线|网络|开放|精品|本)*(?:课程?|慕课|MOOC)?《(?P<title>[^》\n]{2,60})》(?P<rest>[^《]{0,80})"
)
_ENDED = re.compile(r"结束|结课|成绩|得分|总评|总分")
_SCORE = re.compile(
    r"(?P<total>最终\n?|综合\n?|总\n?)?(?P<part>平时|期[中末]|考试|测[验试]|作业|讨论|平均|最[高低])?(?:成绩|得分|总评|总分)\n?"
    r"(?:为|是|:)*(?P<score>\d{1,3}(?:\.\d{1,2})?)分(?!及?以)"
)


def told_course(document: DocumentText) -> Facts | None:
    """Return title, school and score of the one course that a sentence says was taken and ended.

    None where the page quotes another title too: whose result is told is open then.
    """
    run = document.flow
    match = _TAKEN.search(run.text)
    if match is None or not _ENDED.search(match["rest"]) or len({m["title"] for m in _TITLE.finditer(run.text)}) != 1:
        return None
    score = _total_in(match["rest"])
    start = match.start("rest")
    places = {
        FieldName.TITLE: match.span("title"),
        FieldName.ISSUER: match.span("issuer") if match["issuer"] else None,
        FieldName.SCORE: (start + score.start("score"), start + score.end("score")) if score else None,
    }
    found = {
        name: candidate_at(document, name, run.part(*place), TOLD, place[0]) for name, place in places.items() if place
    }
    facts = {name: fact for name, fact in found.items() if fact}
    return facts if FieldName.TITLE in facts else None


def _total_in(text: str) -> re.Match[str] | None:
    """Return the one score told that is no component's; of several the one that is called final or total."""
    scores = [m for m in _SCORE.finditer(text) if not m["part"]]
    if len(scores) > 1:
        scores = [m for m in scores if m["total"]]
    return scores[0] if len(scores) == 1 else None
