"""Fields by where they stand: tables without rules, values under labels, seals, and room for a lost digit."""

import pytest

from core.vocabulary import DocType, FieldName
from ocr.types import Box, Line
from tests.pages import Paper, values

WIDTH, HEIGHT = 1000, 1400
PAPER = Paper(WIDTH, HEIGHT)
line, read = PAPER.line, PAPER.read
MOOC_HEAD = (line("中国大学MOOC", 380, 80, 36), line("认证证书", 380, 150, 56))


def test_a_total_is_what_stands_under_its_heading_in_a_table_without_rules() -> None:
    columns = (100, 300, 500, 700)
    heads = ("单元测验", "课程讨论", "期末考试", "总评成绩")
    reading = read(
        *MOOC_HEAD,
        line("真实姓名：温如玉", 100, 260),
        line("课程名称：教育心理学", 100, 310),
        *(line(text, x, 400) for text, x in zip(heads, columns, strict=True)),
        *(line(text, x + 30, 450) for text, x in zip(("71", "69", "65", "76.25"), columns, strict=True)),
        line("考核结果：合格", 100, 540),
    )
    assert values(reading)["score"] == "76.25"


def test_captions_under_their_values_ask_for_what_stands_over_them() -> None:
    reading = read(
        *MOOC_HEAD,
        line("温如玉", 160, 260),
        line("持证人姓名", 150, 300, 16),
        line("教育心理学", 560, 260),
        line("所学课程", 600, 300, 16),
        line("海东师范大学", 130, 400),
        line("开课单位", 170, 440, 16),
        line("2019年3月1日-2019年6月5日", 520, 400),
        line("开课时段", 640, 440, 16),
        line("83.5分", 160, 540),
        line("课程总评", 165, 580, 16),
        line("优秀", 420, 540),
        line("等级", 430, 580, 16),
        line("32学时", 640, 540),
        line("教学时数", 650, 580, 16),
        line("2019年6月20日 颁发", 560, 760),
    )
    got = values(reading)
    assert {k: got[k] for k in ("holder_name", "title", "issuer", "score", "grade", "hours", "issue_date")} == {
        "holder_name": "温如玉",
        "title": "教育心理学",
        "issuer": "海东师范大学",
        "score": "83.5",
        "grade": "优秀",
        "hours": "32",
        "issue_date": "2019-06-20",
    }


def test_a_label_that_nobody_knows_is_no_value() -> None:
    reading = read(
        *MOOC_HEAD,
        line("开课单位", 100, 400),
        line("授课时段", 360, 400),
        line("课程名称", 100, 300),
        line("教育心理学", 360, 300),
    )
    assert "issuer" not in values(reading)


def test_values_under_their_labels_are_not_those_of_the_labels_below() -> None:
    reading = read(
        *MOOC_HEAD,
        line("真实姓名", 100, 260),
        line("温如玉", 100, 296),
        line("课程名称", 100, 350),
        line("教育心理学", 100, 386),
        line("开课学校", 100, 440),
        line("海东师范大学", 100, 476),
        line("学时", 100, 530),
        line("32学时", 100, 566),
    )
    got = values(reading)
    assert (got["holder_name"], got["title"], got["issuer"], got["hours"]) == (
        "温如玉",
        "教育心理学",
        "海东师范大学",
        "32",
    )
    assert reading.fields[FieldName.TITLE].confidence > 0.8


TRAINING = (
    line("培训结业证书", 350, 100, 56),
    line("温如玉老师于2019年7月1日至7月10日参加江口市骨干教师培训，", 100, 260),
    line("共计60学时，经考核合格，准予结业。", 100, 310),
)


@pytest.mark.parametrize(
    ("seal", "printed", "issuer"),
    [
        (line("江日市教育局", 620, 660, 30, height=150, wide=180), "江口市教育局", "江口市教育局"),
        (line("云海省", 560, 760, 30, height=90, wide=60), "教云海省教育厅", "云海省教育厅"),
    ],
    ids=["an arc above the name", "a letter before the name"],
)
def test_what_a_seal_says_is_no_issuer_beside_the_printed_name(seal: Line, printed: str, issuer: str) -> None:
    reading = read(*TRAINING, seal, line(printed, 615, 800), line("2019年7月12日", 610, 850))
    assert values(reading)["issuer"] == issuer


def test_hours_with_room_for_a_lost_digit_before_them_are_doubtful() -> None:
    def hours(room: int) -> float:
        text = "课程学时8"
        lefts = [100, 128, 156, 184, 212 + room]
        chars = tuple(Box(x / WIDTH, 0.3, (x + 28) / WIDTH, 0.32) for x in lefts)
        line_of_hours = Line(text, 0.99, Box(0.1, 0.3, (240 + room) / WIDTH, 0.32), chars)
        reading = read(
            *MOOC_HEAD,
            line("温如玉", 400, 260, 40),
            line("完成《教育心理学》课程学习", 100, 340),
            line_of_hours,
            line("学时，总成绩91分。", 100, 480),
        )
        return reading.fields[FieldName.HOURS].confidence

    assert hours(30) < 0.9 * hours(2)


@pytest.mark.parametrize(
    ("text", "rooms", "doubted"),
    [
        ("参训|8学时", (2, 40, 40, 2, 2), False),
        ("参训|8学时", (2, 2, 40, 2, 2), True),
        ("学时8学时", (30, 24, 2, 2), False),
        ("学时8学时", (2, 24, 2, 2), True),
    ],
    ids=["a bar amid room", "more room behind a bar", "a label set wide", "room behind a label set close"],
)
def test_room_before_hours_that_is_about_all_its_line_has_lost_no_digit(
    text: str, rooms: tuple[int, ...], doubted: bool
) -> None:
    def hours(gaps: tuple[int, ...]) -> float:
        lefts = [100]
        for gap in gaps:
            lefts.append(lefts[-1] + 28 + gap)
        chars = tuple(Box(x / WIDTH, 0.3, (x + 28) / WIDTH, 0.32) for x in lefts)
        line_of_hours = Line(text, 0.99, Box(0.1, 0.3, chars[-1].right, 0.32), chars)
        reading = read(
            line("签到表", 300, 100, 56), line("小学科学教学研讨活动", 100, 200), line_of_hours, line("姓名", 100, 480)
        )
        return reading.fields[FieldName.HOURS].confidence

    assert (hours(rooms) < 0.9 * hours((2,) * len(rooms))) is doubted


def test_weekly_hours_of_a_training_are_computed_and_not_printed() -> None:
    reading = read(
        line("网络研修结业证书", 300, 100, 56),
        line("姓名：温如玉", 100, 260),
        line("培训班名称：信息技术应用能力提升培训", 100, 310),
        line("学时", 100, 360),
        line("6学时/周×8周", 260, 360),
        line("考核成绩：优秀", 100, 410),
        line("江口市教育局", 620, 600),
        line("2019年7月12日", 610, 650),
    )
    assert reading.doc_type is DocType.TRAINING_CERTIFICATE
    assert (values(reading)["hours"], reading.fields[FieldName.HOURS].source) == ("48", "computed")
    assert "hours_computed" in reading.notes


def test_the_one_finished_course_of_a_table_is_the_pages_own() -> None:
    columns = (60, 360, 560, 680, 840)
    rows = (
        ("课程名称", "开课学校", "学时", "总成绩", "状态"),
        ("教育统计", "东江大学", "16", "", "未开始"),
        ("课堂管理艺术", "北岭大学", "36", "94.5", "已结束"),
        ("微课制作", "云岭大学", "32", "", "进行中"),
    )
    placed = [
        line(text, x, 300 + 60 * at, 26)
        for at, row in enumerate(rows)
        for text, x in zip(row, columns, strict=True)
        if text
    ]
    reading = read(
        line("中国大学MOOC", 60, 40),
        line("我的课程", 400, 40),
        line("学习记录", 60, 180),
        *placed,
    )
    got = values(reading)
    assert reading.doc_type is DocType.SCORE_SCREENSHOT
    assert (got["title"], got["issuer"], got["hours"], got["score"]) == ("课堂管理艺术", "北岭大学", "36", "94.5")


def test_the_hours_of_modules_in_a_row_are_those_under_their_total() -> None:
    columns = (100, 280, 460, 640, 820)
    reading = read(
        line("培训结业证书", 350, 80, 56),
        line("庄以宁 教师（江口市实验小学）", 100, 200),
        line("参加了江口市心理健康骨干教师培训项目，考核等次为合格。", 100, 250),
        *(line(text, x, 400) for text, x in zip(("模块", "通识", "专业", "实践", "合计"), columns, strict=True)),
        *(line(text, x, 450) for text, x in zip(("课时", "10", "20", "6", "36"), columns, strict=True)),
        line("江口市教育局", 600, 700),
        line("2018年7月15日", 600, 740),
    )
    assert values(reading)["hours"] == "36"
    assert values(reading)["holder_name"] == "庄以宁"


def test_captions_begin_with_their_english() -> None:
    reading = read(
        line("培训证书", 380, 80, 56),
        line("Name 姓名", 100, 220, 18),
        line("Institution 单位", 500, 220, 18),
        line("薛知遥", 100, 260),
        line("江口市第三小学", 500, 260),
        line("Programme 研修项目", 100, 340, 18),
        line("江口市音乐教师合唱指挥培训", 100, 380),
        line("Hours 学时", 100, 460, 18),
        line("Result 结果", 500, 460, 18),
        line("32", 100, 500),
        line("优秀", 500, 500),
        line("江口市教育局", 600, 700),
        line("2018年7月15日", 600, 740),
    )
    read_values = values(reading)
    assert (read_values["holder_name"], read_values["hours"], read_values["grade"]) == ("薛知遥", "32", "优秀")


def test_an_organisation_with_room_for_a_character_that_was_not_read_is_doubtful() -> None:
    def issuer(rooms: tuple[int, ...]) -> float:
        lefts = [300]
        for room in rooms:
            lefts.append(lefts[-1] + 28 + room)
        chars = tuple(Box(x / WIDTH, 0.5, (x + 28) / WIDTH, 0.52) for x in lefts)
        signed = Line("海省教育学院", 0.99, Box(0.3, 0.5, chars[-1].right, 0.52), chars)
        return read(*TRAINING, signed, line("2019年7月12日", 610, 850)).fields[FieldName.ISSUER].confidence

    close = issuer((2, 2, 2, 2, 2))
    assert issuer((30, 2, 2, 2, 2)) < 0.85 < close
    # set wide all over, it has lost nothing
    assert issuer((30, 30, 30, 30, 30)) == pytest.approx(close, abs=0.02)


def test_a_name_under_a_photograph_stands_over_its_identity_number() -> None:
    reading = read(
        line("培训合格证书", 350, 80, 56),
        line("参加江口市教育局组织的骨干教师提高班，考核合格。", 320, 260),
        line("培训时间：2019年8月14日—2019年8月20日", 320, 330),
        line("薛知遥", 110, 348),
        line("学时：24学时", 320, 390),
        line("身份证号", 110, 396, 18),
        line("990209198903046628", 60, 430, 18),
        line("江口市教育局", 600, 700),
        line("2019年8月22日", 600, 740),
    )
    assert values(reading)["holder_name"] == "薛知遥"
    assert "doubtful_wording" not in reading.notes
