"""Sign-in tables on drawn sheets: rules, ink and strikes are drawn, the text is given as if it had been read."""

import cv2
import numpy as np
import pytest

from ocr.paddle import Recognised
from ocr.tables import find_table, reread_cells, signed_slots
from ocr.types import Box, Line, PageText
from tests.drawn_sheets import (
    COLUMNS,
    HEIGHT,
    INK,
    LEFT,
    NAMES,
    ROW,
    TOP,
    WIDTH,
    Image,
    Sheet,
    middle,
    plain_sheet,
    signed,
)


def test_cells_slots_and_blanks() -> None:
    sheet = plain_sheet()
    for index in (0, 2, 3):
        sheet.sign(825, middle(index), index)
    sheet.sign(1045, middle(3), 9)
    table = sheet.find()
    assert table.columns == ("ordinal", "name", "unit", "signature:上午", "signature:下午")
    assert table.has_header
    assert [row.cells["name"].text for row in table.rows] == NAMES
    assert table.rows[1].cells["unit"].text == "第一小学"
    found = signed(table)
    assert found["张伟东"] == ("上午",)
    assert found["赵敏"] == ("上午", "下午")
    assert found["李秀英"] == ()
    assert not any(row.struck for row in table.rows)
    assert all(signed_slots(row)[1] > 0.9 for row in table.rows)


@pytest.mark.parametrize("color", [(150, 60, 30), (40, 40, 190), (150, 150, 150)], ids=["blue", "red", "pencil"])
def test_every_pen_counts(color: tuple[int, int, int]) -> None:
    sheet = plain_sheet()
    sheet.sign(825, middle(4), 5, color)
    assert signed(sheet.find())["陈志明"] == ("上午",)


def test_specks_are_no_signature() -> None:
    sheet = plain_sheet()
    for x, y in ((790, 5), (840, -8), (880, 3)):
        cv2.circle(sheet.image, (x, int(middle(2)) + y), 2, INK, -1)
    assert signed(sheet.find())["王磊"] == ()


def test_signature_over_the_border_belongs_to_the_cell_with_most_of_it() -> None:
    sheet = plain_sheet()
    sheet.sign(825, middle(3) - 10, 7, tall=56)
    found = signed(sheet.find())
    assert found["赵敏"] == ("上午",)
    assert found["王磊"] == ()


@pytest.mark.parametrize("end", [1100, 380], ids=["row", "name"])
@pytest.mark.parametrize("rise", [0, 10])
def test_struck_rows(end: int, rise: int) -> None:
    sheet = plain_sheet()
    y = int(middle(5))
    start = 130 if end > 1000 else 215
    cv2.line(sheet.image, (start, y + rise), (end, y - rise), INK, 2, cv2.LINE_AA)
    table = sheet.find()
    assert [row.cells["name"].text for row in table.rows] == NAMES
    assert [row.struck for row in table.rows] == [name == "周芳芳" for name in NAMES]


@pytest.mark.parametrize("angle", [-2.0, 1.5])
def test_residual_skew_and_faint_rules(angle: float) -> None:
    sheet = plain_sheet(color=190)
    sheet.sign(825, middle(1), 3)
    matrix = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), angle, 1.0)
    image = cv2.warpAffine(sheet.image, matrix, (WIDTH, HEIGHT), borderValue=(250, 250, 250)).astype(np.uint8)

    def turned(box: Box) -> Box:
        x, y = matrix @ np.array([box.center_x * WIDTH, box.center_y * HEIGHT, 1.0])
        half_w, half_h = box.width * WIDTH / 2, box.height * HEIGHT / 2
        return sheet.box(x - half_w, y - half_h, x + half_w, y + half_h)

    lines = [Line(line.text, line.confidence, turned(line.box), tuple(map(turned, line.chars))) for line in sheet.lines]
    table = find_table(image, PageText(1, WIDTH, HEIGHT, "ocr", tuple(lines)))
    assert table is not None
    assert [row.cells["name"].text for row in table.rows] == NAMES
    assert {name for name, slots in signed(table).items() if slots} == {"李秀英"}


def test_signature_half_in_each_of_two_cells_goes_to_a_person() -> None:
    sheet = plain_sheet()
    sheet.sign(825, middle(3) - ROW / 2, 7)
    assert min(signed_slots(row)[1] for row in sheet.find().rows[2:4]) < 0.6


def test_a_signature_that_reads_as_its_rows_name_is_no_doubt() -> None:
    sheet = plain_sheet()
    edge = TOP + ROW * 2
    sheet.sign(825, edge, 1, tall=50)
    sheet.lines.append(Line("张伟东", 0.9, sheet.box(770, edge - 26, 880, edge - 2)))
    assert signed_slots(sheet.find().rows[0])[1] > 0.9


def test_a_column_that_repeats_the_names_was_signed_whatever_its_title_reads() -> None:
    sheet = plain_sheet(("序号", "姓名", "单位", "竺", "下午"))
    for index, name in enumerate(NAMES):
        sheet.sign(825, middle(index), index)
        box = sheet.box(770, middle(index) - 16, 880, middle(index) + 16)
        sheet.lines.append(Line(name, 0.8, box))
    table = sheet.find()
    assert table.columns[3:] == ("signature:签名", "signature:下午")
    assert all(slots == ("签名",) for slots in signed(table).values())


def test_two_storey_header_names_the_slots() -> None:
    sheet = Sheet()
    rows = [TOP + ROW * i for i in range(len(NAMES) + 3)]
    for y in [rows[0], *rows[2:]]:
        cv2.line(sheet.image, (COLUMNS[0], y), (COLUMNS[-1], y), INK, 2)
    cv2.line(sheet.image, (COLUMNS[3], rows[1]), (COLUMNS[-1], rows[1]), INK, 2)
    for x in COLUMNS:
        cv2.line(sheet.image, (x, rows[1] if x == COLUMNS[4] else rows[0]), (x, rows[-1]), INK, 2)
    for text, left, right in zip(("序号", "姓名", "单位"), COLUMNS, COLUMNS[1:], strict=False):
        sheet.write(text, (left + right) / 2, rows[1])
    sheet.write("签名", (COLUMNS[3] + COLUMNS[5]) / 2, TOP + ROW / 2)
    sheet.write("上午", (COLUMNS[3] + COLUMNS[4]) / 2, TOP + ROW * 1.5)
    sheet.write("下午", (COLUMNS[4] + COLUMNS[5]) / 2, TOP + ROW * 1.5)
    for index, name in enumerate(NAMES):
        sheet.write(name, (COLUMNS[1] + COLUMNS[2]) / 2, TOP + ROW * (index + 2.5))
    table = sheet.find()
    assert table.columns == ("ordinal", "name", "unit", "signature:上午", "signature:下午")
    assert [row.cells["name"].text for row in table.rows] == NAMES


def test_blocks_side_by_side_give_rows_in_block_order() -> None:
    sheet = Sheet()
    columns = [80, 160, 360, 620, 700, 900, 1160]
    rows = [TOP + ROW * i for i in range(6)]
    sheet.rule(columns, rows)
    for block in (0, 3):
        for offset, text in enumerate(("序号", "姓名", "签名")):
            left, right = columns[block + offset], columns[block + offset + 1]
            sheet.write(text, (left + right) / 2, TOP + ROW / 2)
        for index in range(4):
            name = NAMES[index + (4 if block else 0)]
            sheet.write(name, (columns[block + 1] + columns[block + 2]) / 2, middle(index))
    sheet.sign(1030, middle(1), 1)
    table = sheet.find()
    assert table.columns == ("ordinal", "name", "signature:签名")
    assert [row.cells["name"].text for row in table.rows] == NAMES
    assert {name for name, slots in signed(table).items() if slots} == {NAMES[5]}


def test_continuation_page_takes_columns_handed_in_or_infers_them() -> None:
    sheet = Sheet()
    rows = [TOP + ROW * i for i in range(len(NAMES) + 1)]
    sheet.rule(COLUMNS, rows)
    for index, name in enumerate(NAMES):
        y = TOP + ROW * (index + 0.5)
        sheet.write(str(index + 21), (COLUMNS[0] + COLUMNS[1]) / 2, y)
        sheet.write(name, (COLUMNS[1] + COLUMNS[2]) / 2, y)
        sheet.write("第一小学", (COLUMNS[2] + COLUMNS[3]) / 2, y)
    expected = ("ordinal", "name", "unit", "signature:上午", "signature:下午")
    handed = sheet.find(expected)
    assert not handed.has_header
    assert handed.columns == expected
    assert [row.cells["name"].text for row in handed.rows] == NAMES
    inferred = sheet.find()
    assert inferred.columns[:3] == ("ordinal", "name", "unit")
    assert [row.cells["name"].text for row in inferred.rows] == NAMES


def test_table_without_rules() -> None:
    sheet = Sheet()
    centers = (145, 295, 550, 900)
    for text, x in zip(("序号", "姓名", "单位", "签名"), centers, strict=True):
        sheet.write(text, x, TOP + ROW / 2)
    for index, name in enumerate(NAMES):
        for text, x in zip((str(index + 1), name, "第一小学"), centers[:3], strict=True):
            sheet.write(text, x, middle(index))
    sheet.sign(900, middle(6), 2)
    found = signed(sheet.find())
    assert list(found) == NAMES
    assert {name for name, slots in found.items() if slots} == {"孙丽娟"}


@pytest.mark.parametrize(("shade", "struck"), [(205, False), (60, True)])
def test_a_fold_is_no_rule_and_no_stroke(shade: int, struck: bool) -> None:
    sheet = plain_sheet()
    for index in range(len(NAMES)):
        sheet.sign(825, middle(index), index)
    level = int(middle(3)) + 4
    for start, end in (((0, level), (WIDTH, level + 3)), ((900, 0), (902, HEIGHT))):
        fold = np.full_like(sheet.image, 255)
        cv2.line(fold, start, end, (shade,) * 3, 5)
        sheet.image = np.minimum(sheet.image, fold)
    table = sheet.find()
    assert table.columns == ("ordinal", "name", "unit", "signature:上午", "signature:下午")
    assert [row.struck for row in table.rows] == [struck and index == 3 for index in range(len(NAMES))]
    if not struck:
        assert {signed_slots(row)[0] for row in table.rows} == {("上午",)}


def test_level_rules_under_a_header_with_a_struck_row() -> None:
    sheet = Sheet()
    centers = (145, 295, 550, 800, 1000)
    for text, x in zip(("序号", "姓名", "单位", "上午签到", "下午签到"), centers, strict=True):
        sheet.write(text, x, TOP + ROW / 2)
    for y in (TOP + ROW * i for i in range(1, len(NAMES) + 2)):
        cv2.line(sheet.image, (LEFT, y), (1140, y), (150,) * 3, 2)
    for index, name in enumerate(NAMES):
        for text, x in zip((str(index + 1), name, "第一小学"), centers[:3], strict=True):
            sheet.write(text, x, middle(index))
        sheet.sign(800, middle(index), index)
    cv2.line(sheet.image, (LEFT + 8, int(middle(3))), (1130, int(middle(3)) + 4), INK, 3, cv2.LINE_AA)
    table = sheet.find()
    assert table.columns == ("ordinal", "name", "unit", "signature:上午", "signature:下午")
    assert [row.cells["name"].text for row in table.rows] == NAMES
    assert [row.struck for row in table.rows] == [index == 3 for index in range(len(NAMES))]
    assert all(slots == ("上午",) for name, slots in signed(table).items() if name != NAMES[3])


@pytest.mark.parametrize(("word", "certain"), [("请假", True), ("缺", False), ("未签到", True), ("因故请假", False)])
def test_absence_written_in_the_cell_is_no_signature(word: str, certain: bool) -> None:
    sheet = plain_sheet()
    sheet.write(word, 825, middle(0))
    slots, sure = signed_slots(sheet.find().rows[0])
    assert slots == ()
    assert (sure > 0.9) == certain


def test_times_of_signing_in_stand_for_signatures_where_there_is_no_other_column() -> None:
    sheet = plain_sheet(("序号", "姓名", "单位", "签到时间", "签退时间"))
    for index in range(4):
        sheet.write("08:15:30", 825, middle(index))
    table = sheet.find()
    assert table.columns[3:] == ("signature:签到", "signature:签退")
    assert [bool(slots) for slots in signed(table).values()] == [True] * 4 + [False] * 4


def test_a_tick_is_nobodys_signature() -> None:
    sheet = plain_sheet()
    tick = [(815, int(middle(0))), (822, int(middle(0)) + 10), (838, int(middle(0)) - 12)]
    cv2.polylines(sheet.image, [np.array(tick, np.int32)], False, INK, 2, cv2.LINE_AA)
    box = sheet.box(812, middle(0) - 14, 840, middle(0) + 12)
    sheet.lines.append(Line("√", 0.9, box, (box,)))
    assert signed_slots(sheet.find().rows[0])[1] < 0.6


def test_a_lone_dash_is_in_doubt() -> None:
    sheet = plain_sheet()
    cv2.line(sheet.image, (790, int(middle(0)) + 8), (860, int(middle(0)) - 8), INK, 2, cv2.LINE_AA)
    assert signed_slots(sheet.find().rows[0])[1] < 0.6


def test_empty_rows_are_left_out_but_an_unnamed_signature_stays() -> None:
    sheet = plain_sheet()
    sheet.rule(COLUMNS, [TOP + ROW * i for i in range(len(NAMES) + 1, len(NAMES) + 4)])
    sheet.sign(825, middle(len(NAMES) + 1), 4)
    rows = sheet.find().rows
    assert [row.cells["name"].text for row in rows] == [*NAMES, ""]
    assert signed_slots(rows[-1])[0] == ("上午",)


def test_unread_names_are_read_again() -> None:
    sheet = plain_sheet()
    sheet.lines = [line for line in sheet.lines if line.text != "赵敏"]
    crops: list[Image] = []

    def reread(crop: Image) -> Recognised:
        crops.append(crop)
        return Recognised("赵 敏", 0.93, ())

    table = reread_cells(sheet.find(), sheet.image, sheet.page(), reread)
    assert [row.cells["name"].text for row in table.rows] == NAMES
    assert table.rows[3].cells["name"].confidence == pytest.approx(0.93)
    assert len(crops) == 1
    assert crops[0].shape[0] < ROW


def test_pages_without_a_table() -> None:
    blank = np.full((HEIGHT, WIDTH, 3), 250, np.uint8)
    assert find_table(blank, PageText(1, WIDTH, HEIGHT, "ocr", ())) is None
    framed = Sheet()
    cv2.rectangle(framed.image, (60, 60), (WIDTH - 60, HEIGHT - 60), INK, 6)
    cv2.rectangle(framed.image, (80, 80), (WIDTH - 80, HEIGHT - 80), INK, 2)
    framed.write("毕业证书", WIDTH / 2, 300, 60)
    assert find_table(framed.image, framed.page()) is None
    noise = np.random.default_rng(1).integers(0, 255, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    assert find_table(noise, PageText(1, WIDTH, HEIGHT, "ocr", ())) is None
