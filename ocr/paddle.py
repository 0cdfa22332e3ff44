"""PP-OCRv6 and the page-orientation model through paddleocr on ONNX Runtime: the only import of paddleocr.

paddleocr is imported when the models are loaded, so that a process that never reads does not pay for it. One thread a
model: two processes of one thread read twice as fast as one process of two. Reading large pages, ONNX Runtime's arena
keeps the largest buffers it ever needed; the detector's input is bounded, so the arena is too.
"""

import os
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import Unavailable
from ocr.models import DETECTION_NAME, ORIENTATION_NAME, RECOGNITION_NAME, ModelPaths
from ocr.slots import placed, slots_seen
from ocr.types import Slot

Image = NDArray[np.uint8]
Quad = NDArray[np.float32]

DETECTION_SIDE = 1280
# The OCR pipeline's own thresholds; the detector's bare configuration (0.2, 0.45, 1.4) finds more noise in photos.
_DETECTION = {"thresh": 0.3, "box_thresh": 0.6, "unclip_ratio": 1.5}
_ENGINE: dict[str, Any] = {"device": "cpu", "engine": "onnxruntime", "engine_config": {"intra_op_num_threads": 1}}


@dataclass(frozen=True, slots=True)
class Recognised:
    """What the recogniser says of one crop: text and mean score (0..1).

    `middles` has each character's middle as a fraction of the crop's length, one for each character of `text`; `slots`
    tell what else each can be.
    """

    text: str
    score: float
    middles: tuple[float, ...]
    slots: tuple[Slot, ...] = ()


class PaddleModels:
    """The three models, loaded and single-threaded. Not safe to share between threads."""

    def __init__(self, paths: ModelPaths, scratch: Path) -> None:
        """Load the models. `scratch` is a directory for paddlex's own bookkeeping, away from the user's home.

        Unavailable `system_library_missing` where OpenCV cannot be loaded.
        """
        os.environ["PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK"] = "True"
        os.environ["PADDLE_PDX_CACHE_HOME"] = str(scratch)
        require_opencv()
        from paddleocr import DocImgOrientationClassification, TextDetection, TextRecognition  # noqa: PLC0415 - costly

        self._detector = TextDetection(
            model_name=DETECTION_NAME,
            model_dir=str(paths.detection),
            limit_side_len=DETECTION_SIDE,
            limit_type="max",
            **_DETECTION,
            **_ENGINE,
        )
        self._recogniser = TextRecognition(model_name=RECOGNITION_NAME, model_dir=str(paths.recognition), **_ENGINE)
        self._listener = _Listener(self._recogniser.paddlex_predictor.post_op)
        self._recogniser.paddlex_predictor.post_op = self._listener
        self._orientation = DocImgOrientationClassification(
            model_name=ORIENTATION_NAME, model_dir=str(paths.orientation), **_ENGINE
        )

    def detect(self, image: Image) -> list[Quad]:
        """Return the text lines of a BGR image as (4, 2) corner points in its pixels, clockwise from top left."""
        (result,) = self._detector.predict(image)
        return [np.asarray(quad, dtype=np.float32) for quad in result["dt_polys"]]

    def recognise(self, crops: Sequence[Image]) -> list[Recognised]:
        """Read BGR crops that hold one level line each."""
        if not crops:
            return []
        self._listener.forget()
        results = self._recogniser.paddlex_predictor(list(crops), batch_size=1, return_word_box=True)
        return [_recognised(result, self._listener.taken()) for result in results]

    def orient(self, image: Image) -> tuple[int, float]:
        """Return the quarter turn by which the page appears turned, in degrees clockwise, and how sure (0..1)."""
        (result,) = self._orientation.predict(image)
        return int(result["label_names"][0]), float(result["scores"][0])


def require_opencv() -> None:
    """Import OpenCV, single-threaded; Unavailable `system_library_missing` says in one line which packages it lacks."""
    try:
        import cv2  # noqa: PLC0415 - its absence must become one clear line
    except ImportError as error:
        raise Unavailable(
            "system_library_missing",
            "OpenCV cannot load ({detail}); install the system packages libgl1 and libglib2.0-0.",
            detail=str(error),
        ) from error
    cv2.setNumThreads(1)


class _Listener:
    """Stands before paddlex's decoding of the recogniser's output and keeps what it throws away."""

    def __init__(self, decode: Any) -> None:
        self._decode = decode
        self._heard: deque[tuple[Slot, ...]] = deque()

    def __call__(self, predictions: Any, **options: Any) -> Any:
        self._heard.extend(placed(slots_seen(line, self._decode.character)) for line in np.asarray(predictions[0]))
        return self._decode(predictions, **options)

    def forget(self) -> None:
        """Drop what was heard of lines that were never asked for, as after an error."""
        self._heard.clear()

    def taken(self) -> tuple[Slot, ...]:
        """Return the slots of the next line, in the order in which they were recognised."""
        return self._heard.popleft()


def _recognised(result: Any, slots: tuple[Slot, ...]) -> Recognised:
    """Narrow one result of the recogniser: rec_text is (text, [columns, words, columns of each character, kinds])."""
    text, (columns, _words, word_columns, _kinds) = result["rec_text"]
    middles = tuple((column + 0.5) / max(columns, 1) for word in word_columns for column in word)
    return Recognised(str(text), float(result["rec_score"]), tuple(min(max(m, 0.0), 1.0) for m in middles), slots)
