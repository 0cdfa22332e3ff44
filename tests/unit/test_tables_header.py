"""Columns by their header words and by their content."""

import pytest

from ocr.tables.content import infer_columns
from ocr.tables.header import join_slots, names_slot, role_of, split_blocks


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("序 号", "ordinal"),
        ("No.", "ordinal"),
        ("姓  名", "name"),
        ("参训教师姓名", "name"),
        ("工作单位", "unit"),
        ("任教学科", "subject"),
        ("联系电话（手机）", "phone"),
        ("身份证号码", "id_number"),
        ("签名", "signature:签名"),
        ("签 到", "signature:签到"),
        ("上午签名", "signature:上午"),
        ("签到（下午）", "signature:下午"),
        ("7月1日上午", "signature:7月1日上午"),
        ("签退", "signature:签退"),
        ("签上午", "signature:上午"),
        ("备注", "remark"),
        ("新乡市第一中学", None),
        ("13812345678", None),
        ("", None),
    ],
)
def test_role_of_a_header(text: str, role: str | None) -> None:
    assert role_of(text) == role


@pytest.mark.parametrize(
    ("text", "one"), [("上午签名", True), ("签到下午", True), ("签到签退", False), ("签名", False), ("上午", False)]
)
def test_a_slot_with_its_word_is_one_title(text: str, one: bool) -> None:
    assert names_slot(text) is one


def test_slots_of_two_storeys() -> None:
    assert join_slots("签名", "上午") == "上午"
    assert join_slots("7月1日", "下午") == "7月1日下午"


def test_repeated_headers_make_blocks() -> None:
    roles = ["ordinal", "name", "signature:签名"] * 2
    blocks = split_blocks([(role, index, index + 1) for index, role in enumerate(roles)])
    assert [block.roles for block in blocks] == [tuple(roles[:3])] * 2
    assert blocks[1].column("name") == (4, 5)


def test_columns_by_content() -> None:
    texts = [
        ["21", "22", "23"],
        ["张伟东", "李秀英", "王磊"],
        ["第一小学", "育才中学", "第一小学"],
        ["13800000001", "13800000002", "13800000003"],
        ["", "", "李子"],
    ]
    assert infer_columns(texts) == ["ordinal", "name", "unit", "phone", "signature:签名"]
    assert infer_columns([["a", "b"], ["1", "2"]]) is None
