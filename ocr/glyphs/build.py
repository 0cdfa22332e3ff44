"""Measure which characters look alike and write similar.txt: `python -m ocr.glyphs.build FONT [FONT ...]`.

Characters of GB 2312 and the rarer name characters of confusables.yaml are drawn in each font, blurred and compared;
each keeps its nearest few. Needs fonts, so it is run by hand when the set of characters changes.
"""

import sys
from pathlib import Path

import cv2
import numpy as np
import yaml
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

HERE = Path(__file__).parent
SIZE = 48
KEPT = 6
LEAST = 0.6


def characters() -> list[str]:
    """Return the characters to compare: all Han characters of GB 2312, and those of the seen confusions."""
    plain = [
        bytes((row, cell)).decode("gb2312", errors="ignore") for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF)
    ]
    seen = yaml.safe_load((HERE / "confusables.yaml").read_text(encoding="utf-8"))
    return list(
        dict.fromkeys([c for c in plain if c] + [c for group in seen["groups"] for c in group] + list(seen["rare"]))
    )


def drawn(text: list[str], font: str) -> NDArray[np.float32]:
    """Return one row of unit length for each character: its blurred picture, mean removed."""
    face = ImageFont.truetype(font, SIZE)
    rows = []
    for character in text:
        image = Image.new("L", (SIZE + 16, SIZE + 16))
        ImageDraw.Draw(image).text((8, 2), character, fill=255, font=face)
        blurred = cv2.GaussianBlur(np.asarray(image, np.float32), (0, 0), 1.4)
        small = cv2.resize(blurred, (32, 32), interpolation=cv2.INTER_AREA).ravel()
        level = small - small.mean()
        rows.append(level / max(float(np.linalg.norm(level)), 1e-6))
    return np.stack(rows).astype(np.float32)


def main(fonts: list[str]) -> None:
    """Write similar.txt: a character, then its look-alikes with their likeness in hundredths."""
    text = characters()
    total = np.zeros((len(text), len(text)), np.float32)
    for font in fonts:
        rows = drawn(text, font)
        total += rows @ rows.T
    total /= len(fonts)
    np.fill_diagonal(total, 0)
    lines = []
    for index, character in enumerate(text):
        nearest = np.argsort(-total[index])[:KEPT]
        near = [(text[i], float(total[index, i])) for i in nearest if total[index, i] >= LEAST]
        if near:
            lines.append(character + " " + " ".join(f"{c}{round(100 * s)}" for c, s in near))
    (HERE / "similar.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
