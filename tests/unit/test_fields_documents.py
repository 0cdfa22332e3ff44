"""Files split into documents, sheets into rows, facts held against each other; bad pages stay harmless."""

import time
from dataclasses import replace

import pytest

from core.vocabulary import DocType, FieldName
from ocr.documents import read_document, read_documents
from ocr.splitting import split_pages
from ocr.types import Box, Cell, CellRow, Table
from tests.pages import CERTIFICATE, DIPLOMA, even_page

SHEET_COLUMNS = ("ordinal", "name", "unit", "signature:上午", "signature:下午")


def cell(text: str = "", ink: float = 0.0, confidence: float = 0.97) -> Cell:
    return Cell(text, confidence, Box(0, 0, 0.1, 0.1), ink)


def row(place: int, name: str, *, ink: tuple[float, float] = (0.1, 0.1), height: float = 0.03, **more: str) -> CellRow:
    cells = {
        "ordinal": cell(more.get("ordinal", str(place))),
        "name": cell(name),
        "unit": cell(more.get("unit", "江口县第一中学")),
        "signature:上午": cell(ink=ink[0]),
        "signature:下午": cell(ink=ink[1]),
    }
    top = 0.2 + 0.03 * place
    return CellRow(Box(0.05, top, 0.95, top + height), cells, struck=bool(more.get("struck")))


def table(rows: tuple[CellRow, ...], number: int = 1, *, has_header: bool = True) -> Table:
    return Table(number, Box(0.05, 0.2, 0.95, 0.95), SHEET_COLUMNS, rows, has_header)


HEAD = ("2019年骨干教师培训签到表", "主办单位：江口市教育局", "时间：2019年5月8日", "学时：8学时")


def test_each_certificate_is_a_document_and_blank_pages_are_none() -> None:
    pages = [even_page(CERTIFICATE, 1), even_page((), 2), even_page(DIPLOMA, 3)]
    found = read_documents(pages)
    assert [(d.pages, d.doc_type) for d in found] == [
        ((1,), DocType.TRAINING_CERTIFICATE),
        ((3,), DocType.DIPLOMA),
    ]


def test_a_file_of_blank_pages_is_one_document_of_no_kind() -> None:
    found = read_documents([even_page((), 1), even_page(("·",), 2)])
    assert [(d.pages, d.doc_type, d.notes) for d in found] == [((1,), DocType.OTHER, ("blank_page",))]


def test_the_outside_of_a_diploma_joins_its_inside() -> None:
    assert [len(g) for g in split_pages([even_page(("普通高等学校", "毕业证书"), 1), even_page(DIPLOMA, 2)])] == [2]
    assert [len(g) for g in split_pages([even_page(DIPLOMA, 1), even_page(DIPLOMA, 2)])] == [1, 1]


def test_a_sheet_goes_on_without_a_header_or_with_the_next_number() -> None:
    first = even_page(HEAD, 1, table((row(1, "张小禾"), row(2, "李文"))))
    bare = even_page(("续",) * 4, 2, table((row(3, "王思源"),), 2, has_header=False))
    counted = even_page(HEAD, 2, table((row(3, "王思源"),), 2))
    anew = even_page(HEAD, 2, table((row(1, "王思源"),), 2))
    assert [len(g) for g in split_pages([first, bare])] == [2]
    assert [len(g) for g in split_pages([first, counted])] == [2]
    assert [len(g) for g in split_pages([first, anew])] == [1, 1]
    sheet = read_documents([first, bare])[0]
    assert [(r.page, r.ordinal, r.name) for r in sheet.rows] == [(1, 1, "张小禾"), (1, 2, "李文"), (2, 3, "王思源")]


def test_rows_tell_who_signed_and_who_is_struck_out() -> None:
    rows = (
        row(1, "张小禾"),
        row(2, "李 文", ink=(0.1, 0.0)),
        row(3, "王思源", ink=(0.0, 0.0)),
        row(4, "赵启明", struck="yes"),
    )
    sheet = read_document([even_page(HEAD, 1, table(rows))])
    assert sheet.doc_type is DocType.SIGN_IN_SHEET
    assert [(r.name, r.signed, r.struck) for r in sheet.rows] == [
        ("张小禾", ("上午", "下午"), False),
        ("李文", ("上午",), False),
        ("王思源", (), False),
        ("赵启明", ("上午", "下午"), True),
    ]
    got = {k.value: v.value for k, v in sheet.fields.items()}
    assert got["title"] == "2019年骨干教师培训"
    assert (got["issuer"], got["period_start"], got["hours"]) == ("江口市教育局", "2019-05-08", "8")


def test_a_signature_is_doubted_where_the_remark_speaks_of_absence() -> None:
    def remarked(place: int, name: str, remark: str) -> CellRow:
        plain = row(place, name)
        return replace(plain, cells={**plain.cells, "remark": cell(remark)})

    rows = (remarked(1, "张小禾", "李老师代签"), remarked(2, "李文", "事假"), remarked(3, "王思源", "迟到"))
    sheet = read_document([even_page(HEAD, 1, replace(table(rows), columns=(*SHEET_COLUMNS, "remark")))])
    assert [r.ink is not None and r.ink < 0.6 for r in sheet.rows] == [True, True, False]


def test_a_row_parted_by_a_stroke_is_one_person_and_a_misread_number_is_set_right() -> None:
    rows = (
        row(1, "张小禾"),
        row(2, "", ordinal="", unit="", height=0.012),
        replace(row(2, "李文", ink=(0.0, 0.0)), box=Box(0.05, 0.272, 0.95, 0.29)),
        row(3, "王思源", ordinal="8"),
        row(4, "赵启明"),
    )
    sheet = read_document([even_page(HEAD, 1, table(rows))])
    assert [(r.ordinal, r.name, r.signed) for r in sheet.rows] == [
        (1, "张小禾", ("上午", "下午")),
        (2, "李文", ("上午", "下午")),
        (3, "王思源", ("上午", "下午")),
        (4, "赵启明", ("上午", "下午")),
    ]


def test_an_empty_band_is_no_person() -> None:
    rows = (row(1, "张小禾"), row(2, "", ordinal="", unit=""))
    assert len(read_document([even_page(HEAD, 1, table(rows))]).rows) == 1


@pytest.mark.parametrize(
    ("lines", "note", "doubted"),
    [
        ((*DIPLOMA, "证书编号：991232201805100222"), "date_contradicts_number", FieldName.ISSUE_DATE),
        ((*DIPLOMA, "证书编号：991232201706100222"), "level_contradicts_number", FieldName.EDUCATION_LEVEL),
        ((*DIPLOMA, "身份证号：11010519491231002X"), "birth_date_contradicts_id", FieldName.BIRTH_DATE),
        ((*DIPLOMA, "身份证号：110105199505080021"), "id_number_invalid", FieldName.ID_NUMBER),
        ((*CERTIFICATE[:3], "2018年7月12日"), "issued_before_period", FieldName.ISSUE_DATE),
    ],
)
def test_facts_that_contradict_each_other_lose_belief(lines: tuple[str, ...], note: str, doubted: FieldName) -> None:
    reading = read_document([even_page(lines)])
    assert note in reading.notes
    assert reading.fields[doubted].confidence < 0.5


def test_a_year_that_lost_its_zero_is_a_guess_unless_a_fact_proves_it() -> None:
    alone = read_document(
        [
            even_page(
                ("培训证书", "林若溪同志参加骨干教师培训，共60学时，准予结业。", "江口市教育局", "二一九年七月一日")
            )
        ]
    )
    assert alone.fields[FieldName.ISSUE_DATE].value == "2019-07-01"
    assert alone.fields[FieldName.ISSUE_DATE].confidence < 0.5
    proven = read_document([even_page((*CERTIFICATE[:3], "二一九年七月十二日"))])
    assert proven.fields[FieldName.ISSUE_DATE].value == "2019-07-12"
    assert proven.fields[FieldName.ISSUE_DATE].confidence > 0.9


def test_a_field_carries_its_place_and_its_text() -> None:
    hours = read_document([even_page(CERTIFICATE)]).fields[FieldName.HOURS]
    assert (hours.text, hours.page, hours.source) == ("60", 1, "ocr")
    line = even_page(CERTIFICATE).lines[1]
    assert line.box.left < hours.box.left < hours.box.right < line.box.right


@pytest.mark.parametrize(
    "lines",
    [
        ("1234567890" * 20,) * 100,
        ("培训结业证书", *("证书编号大学学院姓名成绩参加二〇一九年七月至" * 8,) * 24),
        ("中国大学MOOC认证证书", *("1234567890" * 20,) * 24),
        ("签到表", "%%% ### @@@", "l|l|l|l"),
        ("مرحبا بالعالم", "Привет, мир", "こんにちは世界"),
    ],
)
def test_bad_pages_are_read_quickly_and_invent_nothing(lines: tuple[str, ...]) -> None:
    started = time.process_time()
    reading = read_document([even_page(lines)])
    assert time.process_time() - started < 5
    assert FieldName.HOLDER_NAME not in reading.fields


def test_parts_that_make_up_the_hours_support_them_and_other_figures_do_not() -> None:
    def hours(sentence: str) -> tuple[str, bool]:
        paper = even_page(
            ("培训结业证书", f"林若溪同志参加骨干教师培训，{sentence}，准予结业。", "江口市教育局", "2019年7月1日")
        )
        found = read_document([paper]).fields[FieldName.HOURS]
        return found.value, found.confidence >= 0.8

    assert hours("其中集中培训20学时，网络研修40学时，共计60学时") == ("60", True)
    assert hours("培训总学时120学时，本人完成60学时")[1] is False


def test_the_total_score_is_taken_and_its_components_left() -> None:
    paper = even_page(
        (
            "中国大学MOOC课程证书",
            "林若溪同学完成《教育心理学》课程学习",
            "平时成绩90分，期末成绩80分，总成绩84分",
            "云岭大学",
            "2019年7月1日",
        )
    )
    score = read_document([paper]).fields[FieldName.SCORE]
    assert (score.value, score.confidence > 0.9) == ("84", True)
