"""Score pages: whose course, whose hours and which total they show; what is open is doubted."""

import pytest

from core.vocabulary import FieldName
from ocr.types import Line
from tests.pages import Paper, values

PAPER = Paper(1400, 900)
SURE = 0.8
DOUBTED = 0.8
read = PAPER.read


def line(text: str, left: int, top: int, size: int = 22) -> Line:
    return PAPER.line(text, left, top, size)


BAR = (line("中国大学MOOC", 60, 30), line("温如玉（已实名）", 1200, 30))
COURSE = (line("小学数学教学设计", 60, 110, 32), line("海东师范大学", 60, 160))
ENDED = line("结课日期：2019-06-16", 60, 240)


def row(top: int, *cells: str) -> list[Line]:
    return [line(cell, 60 + 200 * i, top) for i, cell in enumerate(cells) if cell]


def test_a_total_stands_in_the_column_that_is_called_so() -> None:
    reading = read(
        *BAR,
        *COURSE,
        ENDED,
        *row(320, "学习方式", "线上学习", "线下研讨", "期末测试", "合计"),
        *row(370, "满分", "40", "20", "40", "100"),
        *row(420, "得分", "37", "16", "31.5", "84.5"),
    )
    assert values(reading)["score"] == "84.5"


def test_a_total_stands_in_its_row_under_the_learners_own_column() -> None:
    reading = read(
        *BAR,
        *COURSE,
        ENDED,
        *row(320, "考核项", "满分", "我的得分"),
        *row(370, "单元测验", "40", "31"),
        *row(420, "期末考试", "60", "26"),
        *row(470, "合计", "100", "57"),
    )
    assert values(reading)["score"] == "57"


@pytest.mark.parametrize("score", ["36.8", "47"])
def test_a_score_below_the_mark_beside_passed_is_doubted(score: str) -> None:
    reading = read(*BAR, *COURSE, ENDED, line(f"课程成绩：{score}", 60, 300), line("已通过", 400, 300))
    assert reading.fields[FieldName.SCORE].confidence < DOUBTED


def test_a_part_does_not_stand_in_for_a_total_that_was_not_read() -> None:
    reading = read(*BAR, *COURSE, ENDED, line("总成绩", 600, 420), line("得分：92分", 60, 300))
    score = reading.fields.get(FieldName.SCORE)
    assert score is None or score.confidence < DOUBTED


@pytest.mark.parametrize("other", ["课程评价方法", "教育统计学基础", "下一门课"])
def test_hours_under_other_words_beside_the_title_are_not_its_own(other: str) -> None:
    reading = read(
        *BAR, *COURSE, ENDED, line("总成绩：81分", 60, 200), line(other, 900, 160, 18), line("共48学时", 900, 200, 20)
    )
    hours = reading.fields.get(FieldName.HOURS)
    assert hours is None or hours.confidence < DOUBTED


def test_teachers_and_links_part_no_facts_from_their_course() -> None:
    reading = read(
        line("https://www.icourse163.org/learn/score?tid=1206", 60, 20),
        line("课程 学校 慕课堂", 300, 60),
        line("个人中心 温如玉", 1150, 60),
        line("中国大学MOOC", 60, 60),
        line("小学数学教学设计", 60, 130, 32),
        line("海东师范大学 柯文远教授团队", 60, 180),
        line("裴元庆、佟雪松", 60, 220),
        line("总成绩：86.5分 课程学时：32", 60, 260),
        line("结课日期：2019-06-16 10:22", 60, 300),
        line("实名认证：已认证", 60, 340),
    )
    got = values(reading)
    wanted = {"title": "小学数学教学设计", "issuer": "海东师范大学", "holder_name": "温如玉", "score": "86.5"}
    assert {name: got.get(name) for name in wanted} == wanted
    assert (got["hours"], got["period_end"]) == ("32", "2019-06-16")
    assert reading.fields[FieldName.HOURS].confidence > SURE


def test_a_figure_ends_where_a_date_begins_and_joined_labels_share_their_values() -> None:
    reading = read(*BAR, *COURSE, line("学时：30 2017/09/11-2018/01/07", 60, 240), line("总成绩：79分", 60, 300))
    assert (values(reading)["hours"], values(reading)["period_end"]) == ("30", "2018-01-07")
    joined = read(*BAR, *COURSE, ENDED, line("学分/学时：2.0/32", 60, 280), line("总成绩：79分", 60, 320))
    assert values(joined)["hours"] == "32"


def test_a_title_goes_on_over_its_lines() -> None:
    reading = read(
        *BAR,
        line("基于核心素养的初中", 60, 110, 32),
        line("物理教学设计", 60, 150, 32),
        line("海东师范大学", 60, 200),
        line("总成绩：79分 24学时", 60, 250),
        line("结课日期：2019-06-16", 60, 300),
    )
    assert values(reading)["title"] == "基于核心素养的初中物理教学设计"
