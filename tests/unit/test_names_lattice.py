"""Names by what the recogniser nearly read: slots, likelihoods, shares of belief, and the spelling that is shown."""

from datetime import date

import numpy as np
import pytest

from core.vocabulary import DocType, FieldName, MatchKind
from intake.types import RosterTeacher
from ocr.evidence import name_evidence, plain_name, with_evidence
from ocr.lattice import Lattice, text_evidence
from ocr.names import Roster, match_document, match_name, match_row
from ocr.serial import reading_from_data, reading_to_data
from ocr.slots import placed, slots_seen
from ocr.spelled import reading_as_spelled
from ocr.types import Box, DocumentReading, Evidence, FieldValue, Line, PageText, SignInRow, Slot, TeacherMatch
from ocr.wire import from_json, to_json

HERE, THERE = "云溪县第一中学", "江岭区育才小学"
BOX = Box(0.1, 0.1, 0.3, 0.12)


def evidence(*slots: dict[str, float] | str, score: float = 0.95) -> Evidence:
    """Return slots: a text stands for surely read characters, a dict for what one place can be ('' is nothing)."""
    out: list[Slot] = []
    at = 0
    for each in slots:
        for place in [{c: 0.998} for c in each] if isinstance(each, str) else [each]:
            blank = place.get("", 0.0)
            told = sorted(((p, c) for c, p in place.items() if c), reverse=True)
            out.append(Slot(at, "".join(c for _, c in told), tuple(p for p, _ in told), blank))
            at += not told or told[0][0] > blank
    return Evidence(tuple(out), score)


def roster(*names: str, **births: str) -> Roster:
    days = {name: date.fromisoformat(day) for name, day in births.items()}
    crowd = [RosterTeacher(f"C{a}{b}", f"钱{a}{b}", THERE) for a in "春夏秋冬东南西北" for b in "江河湖海山川溪谷"]
    named = [RosterTeacher(f"E{i}", name, HERE, birth_date=days.get(name)) for i, name in enumerate(names, 1)]
    return Roster([*named, *crowd])


def paper(seen: Evidence, **fields: str) -> DocumentReading:
    value = Lattice(seen).read
    told = {FieldName(name): FieldValue(text, 0.98, 1, BOX, "ocr", text) for name, text in fields.items()}
    holder = FieldValue(value, 0.9 * seen.score, 1, BOX, "ocr", value, seen)
    return DocumentReading((1,), DocType.DIPLOMA, 0.99, {FieldName.HOLDER_NAME: holder, **told})


def shown(reading: DocumentReading, match: TeacherMatch) -> FieldValue:
    return reading_as_spelled(reading, match).fields[FieldName.HOLDER_NAME]


def test_columns_become_a_slot_for_each_character_and_for_what_was_nearly_read() -> None:
    columns = np.zeros((6, 5), np.float32)  # blank 一 二 三 四
    columns[0] = [0.01, 0.98, 0.01, 0, 0]
    columns[1] = [0.3, 0.7, 0, 0, 0]
    columns[2] = [1, 0, 0, 0, 0]
    columns[3] = [0.9, 0, 0, 0.1, 0]
    columns[4] = [0.9999, 0, 0, 0, 0.0001]
    columns[5] = [0.2, 0, 0, 0.1, 0.7]
    slots = placed(slots_seen(columns, ["blank", "一", "二", "三", "四"]))
    assert [(s.at, s.chars) for s in slots] == [(0, "一二"), (1, "三"), (1, "四三")]
    assert slots[0].probs[0] > 0.98
    assert [s.blank > s.probs[0] for s in slots] == [False, True, False]


def test_a_name_takes_the_slots_of_its_own_piece_of_the_line() -> None:
    text = "学员张 赟同志"
    chars = tuple(Box(0.1 * i, 0.1, 0.1 * i + 0.1, 0.2) for i in range(len(text)))
    slots = tuple(Slot(i, c, (0.9,), 0.0) for i, c in enumerate(text))
    line = Line(text, 0.93, Box(0, 0.1, 0.7, 0.2), chars, slots)
    page = PageText(2, 100, 100, "ocr", (line,))
    found = name_evidence([page], 2, Box(0.2, 0.1, 0.7, 0.2), "张赟")
    assert found is not None
    assert ("".join(s.chars for s in found.slots), found.score) == ("张 赟", 0.93)
    assert name_evidence([page], 1, Box(0.2, 0.1, 0.7, 0.2), "张赟") is None
    assert name_evidence([page], 2, Box(0.2, 0.1, 0.7, 0.2), "张赞") is None


def test_evidence_goes_through_the_pipe_and_the_database_and_old_readings_have_none() -> None:
    reading = paper(evidence("张", {"赞": 0.9, "赟": 0.1}))
    assert from_json(DocumentReading, to_json(reading)) == reading
    assert reading_from_data(reading_to_data(reading)) == reading
    old = reading_to_data(reading)
    del old["fields"]["holder_name"]["evidence"]
    assert reading_from_data(old).fields[FieldName.HOLDER_NAME].evidence is None


def test_a_typed_name_keeps_no_evidence() -> None:
    page = PageText(1, 100, 100, "text", (Line("张三", 1.0, BOX),))
    field = FieldValue("张三", 1.0, 1, BOX, "text", "张三")
    reading = DocumentReading((1,), DocType.DIPLOMA, 0.9, {FieldName.HOLDER_NAME: field})
    assert with_evidence(reading, [page]).fields[FieldName.HOLDER_NAME].evidence is None


def test_what_the_recogniser_nearly_read_outweighs_what_looks_alike() -> None:
    seen = Lattice(evidence("付", {"赞": 0.6, "赟": 0.35, "费": 0.01}, "焓"))
    assert seen.read == "付赞焓"
    assert seen.likelihood("付赞焓") > seen.likelihood("付赟焓") > 20 * seen.likelihood("付斌焓")
    assert seen.likelihood("付赟焓") > 50 * seen.likelihood("付赟")


def test_a_lost_character_is_likelier_where_it_was_nearly_read() -> None:
    nearly = Lattice(evidence("李", {"": 0.9, "䶮": 0.05}))
    not_at_all = Lattice(evidence("李"))
    assert nearly.read == not_at_all.read == "李"
    assert nearly.likelihood("李䶮") > 5 * not_at_all.likelihood("李䶮") > 0


def test_dots_spaces_and_points_do_not_part_a_name() -> None:
    for written in ("迪力夏提·吐尔逊", "迪力夏提•吐尔逊", "迪力夏提 ． 吐尔逊", "迪力夏提。吐尔逊", "迪力夏提吐尔逊"):
        match = match_name(written, roster("迪力夏提·吐尔逊"))
        assert (match.match, match.employee_no) == (MatchKind.EXACT, "E1")
        assert match.spelling == "迪力夏提·吐尔逊"


def test_a_mark_for_an_unread_character_is_part_of_the_name() -> None:
    assert plain_name("张丽□") != plain_name("张丽")
    assert match_name("张丽□", roster("张丽", "张丽华")).match is not MatchKind.EXACT


def test_an_exact_name_is_ambiguous_if_the_page_can_show_another_teachers() -> None:
    both = roster("张赟", "张赞")
    doubtful = match_document(paper(evidence("张", {"赞": 0.9, "赟": 0.09})), both)
    assert (doubtful.match, doubtful.employee_no) == (MatchKind.AMBIGUOUS, None)
    assert [c.name for c in doubtful.candidates] == ["张赞", "张赟"]
    assert doubtful.candidates[0].score > doubtful.candidates[1].score > 0.01
    clear = match_document(paper(evidence("张赞")), both)
    assert (clear.match, clear.employee_no) == (MatchKind.EXACT, "E2")
    alone = match_document(paper(evidence("张", {"赞": 0.9, "赟": 0.09})), roster("张赞"))
    assert alone.match is MatchKind.EXACT


def test_a_misread_name_is_similar_and_shown_as_the_roster_spells_it() -> None:
    reading = paper(evidence("孙", {"昇": 0.6, "昪": 0.35}), birth_date="1980-05")
    match = match_document(reading, roster("孙昪"))
    assert (match.match, match.employee_no) == (MatchKind.SIMILAR, "E1")
    field = shown(reading, match)
    assert (field.value, field.text) == ("孙昪", "孙昇")
    assert 0.75 < field.confidence <= 0.9


def test_a_clearly_printed_look_alike_is_shown_as_printed() -> None:
    reading = paper(evidence("周掉文"), birth_date="1979-04-04")
    match = match_document(reading, roster("周绰文", 周绰文="1979-04-04"))
    assert (match.match, match.employee_no) == (MatchKind.SIMILAR, "E1")
    assert shown(reading, match).value == "周掉文"


def test_a_birth_date_decides_for_a_misread_name_only() -> None:
    seen = evidence("孙", {"昇": 0.6, "昪": 0.35})
    there = roster("孙昪", 孙昪="1980-05-06")
    match = match_document(paper(seen, birth_date="1980-05-06"), there)
    assert (match.match, match.employee_no, match.spelling) == (MatchKind.BIRTH_DATE, "E1", "孙昪")
    other_day = match_document(paper(seen, birth_date="1981-05-06"), there)
    assert other_day.match is not MatchKind.BIRTH_DATE
    twins = roster("孙昪", "孙昪", 孙昪="1980-05-06")
    assert match_document(paper(seen, birth_date="1980-05-06"), twins).match is not MatchKind.BIRTH_DATE


def test_a_shown_guess_is_no_fact_when_the_document_is_judged_again() -> None:
    teachers = roster("孙昪")
    reading = paper(evidence("孙", {"昇": 0.6, "昪": 0.35}))
    again = reading_as_spelled(reading, match_document(reading, teachers))
    assert again.fields[FieldName.HOLDER_NAME].value == "孙昪"
    assert match_document(again, teachers).match is MatchKind.SIMILAR
    typed = FieldValue("孙昪", 1.0, 1, BOX, "person", "孙昪")
    assert match_document(
        DocumentReading((1,), DocType.DIPLOMA, 1.0, {FieldName.HOLDER_NAME: typed}), teachers
    ).match is (MatchKind.EXACT)


def test_a_guess_without_evidence_is_not_shown_for_what_was_read() -> None:
    row = SignInRow(1, "孙昇", "", "", ("签名",), struck=False, confidence=0.6, page=1, box=BOX)
    sheet = DocumentReading((1,), DocType.SIGN_IN_SHEET, 0.9, rows=(row,))
    match = match_row(row, roster("孙昪"))
    assert match.match is MatchKind.SIMILAR
    assert reading_as_spelled(sheet, TeacherMatch(MatchKind.NONE), [match]).rows[0].name == "孙昇"


@pytest.mark.parametrize("stranger", ["钱多多", "谭军飞", "罗雅"])
def test_a_clearly_printed_stranger_is_nobody(stranger: str) -> None:
    assert match_document(paper(evidence(stranger)), roster("谭军", "张赟", "罗列")).match is MatchKind.NONE


def test_the_uploading_schools_teacher_is_the_likelier_guess() -> None:
    teachers = [RosterTeacher("E1", "林晓雪", HERE), RosterTeacher("E2", "林晓雷", THERE)]
    crowd = [RosterTeacher(f"C{i}", f"钱{c}江", school) for i, c in enumerate("春夏秋冬") for school in (HERE, THERE)]
    seen = Lattice(evidence("林晓", {"雷": 0.32, "雪": 0.32, "零": 0.35}))
    shares = {s: Roster([*teachers, *crowd]).believed(seen, s) for s in (HERE, THERE, None)}
    assert shares[HERE][0].teacher.employee_no == "E1"
    assert shares[THERE][0].teacher.employee_no == "E2"
    assert shares[None][0].share == pytest.approx(shares[None][1].share, rel=0.1)


def test_text_without_evidence_is_as_sure_as_it_was_read() -> None:
    sure, unsure = Lattice(text_evidence("张赞")), Lattice(text_evidence("张赞", 0.6))
    assert unsure.likelihood("张赟") > 20 * sure.likelihood("张赟")
