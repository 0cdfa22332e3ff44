"""How fast files are read: `python -m benchmarks.speed [--workers N] [--baseline-pages N] [--clean]`.

Reads all fixture samples with warm reader children (files to documents, images re-encoded: all that `xuefen read` does
but judging), then a spread of the same pages with paddleocr as it comes (same weights on ONNX Runtime, its own sizes,
padding and threads; words only), in one run on one machine. The ratio of the two travels better than pages per second.
The bar is of clean pages (`--clean`): worn ones are looked at again, and take longer.
"""

import argparse
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.truths import read_samples
from core.errors import XuefenError
from core.settings import Settings
from intake.limits import Limits
from intake.pages import iter_pages
from intake.types import FileKind
from ocr.models import DETECTION_NAME, ORIENTATION_NAME, RECOGNITION_NAME, ModelPaths
from ocr.pool import ReaderPool
from ocr.service import fetch_models, reader_settings

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
CLEAN = "clean"
BAR_PAGES_PER_SECOND = 1.3
BAR_RESIDENT_MIB = 1024
Source = tuple[Path, FileKind]


@dataclass
class Watch:
    """The most memory that a reader used while watched."""

    resident: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)

    def follow(self, pool: ReaderPool) -> None:
        """Look every fifth of a second until stopped."""
        while not self.stopped.wait(0.2):
            self.resident = max(self.resident, *pool.resident_mib())


@contextmanager
def watching(pool: ReaderPool) -> Iterator[Watch]:
    """Watch the pool's children during a block."""
    watch = Watch()
    thread = threading.Thread(target=watch.follow, args=(pool,))
    thread.start()
    try:
        yield watch
    finally:
        watch.stopped.set()
        thread.join()


def time_readers(files: list[Source], settings: Settings, workers: int) -> tuple[int, float, int, int]:
    """Read everything with warm children; return pages, seconds, most resident MiB, refused files."""
    pages = refused = 0
    with ReaderPool(reader_settings(settings), workers) as pool:
        list(pool.map(files[:workers], lambda source: source))
        with watching(pool) as watch:
            start = time.perf_counter()
            for _, answer in pool.map(files, lambda source: source):
                if isinstance(answer, XuefenError):
                    refused += 1
                else:
                    pages += len(answer.images)
            seconds = time.perf_counter() - start
    return pages, seconds, watch.resident, refused


def time_stock(files: list[Source], paths: ModelPaths, count: int) -> tuple[int, float]:
    """Read about `count` pages, spread over the files, with paddleocr's own settings; return pages and seconds."""
    os.environ["PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK"] = "True"
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["PADDLE_PDX_CACHE_HOME"] = scratch
        from paddleocr import PaddleOCR  # noqa: PLC0415 - after its environment is set

        recognition = Path(scratch) / "recognition"
        recognition.mkdir()
        (recognition / "inference.onnx").symlink_to(paths.recognition / "inference.onnx")
        tuned = (paths.recognition / "inference.yml").read_text(encoding="utf-8")
        (recognition / "inference.yml").write_text(tuned.replace("      - 96\n", "      - 320\n", 1), encoding="utf-8")
        stock = PaddleOCR(
            text_detection_model_name=DETECTION_NAME,
            text_detection_model_dir=str(paths.detection),
            text_recognition_model_name=RECOGNITION_NAME,
            text_recognition_model_dir=str(recognition),
            doc_orientation_classify_model_name=ORIENTATION_NAME,
            doc_orientation_classify_model_dir=str(paths.orientation),
            use_doc_orientation_classify=True,
            use_doc_unwarping=False,
            use_textline_orientation=False,
            device="cpu",
            engine="onnxruntime",
        )
        images = [page.image for file in files[:: max(len(files) // count, 1)] for page in iter_pages(*file, Limits())]
        stock.predict(images[0])
        start = time.perf_counter()
        for image in images:
            stock.predict(image)
        return len(images), time.perf_counter() - start


def main() -> None:
    """Measure both and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--baseline-pages", type=int, default=12)
    parser.add_argument("--clean", action="store_true", help="only what was captured cleanly")
    options = parser.parse_args()
    settings = Settings()
    paths = fetch_models(settings)
    files = [
        (sample.path, sample.kind)
        for sample in read_samples(FIXTURES)
        if not options.clean or CLEAN in sample.truth["wear"]
    ]
    pages, seconds, resident, refused = time_readers(files, settings, options.workers)
    stock_pages, stock_seconds = time_stock(files, paths, options.baseline_pages)
    ours, stock = pages / seconds, stock_pages / stock_seconds
    table = Table("reader", "pages", "seconds", "pages/s", "MiB a child", "times stock")
    table.add_row(
        f"xuefen, {options.workers} workers",
        str(pages),
        f"{seconds:.1f}",
        f"{ours:.2f}",
        str(resident),
        f"{ours / stock:.2f}",
    )
    table.add_row("paddleocr as it comes", str(stock_pages), f"{stock_seconds:.1f}", f"{stock:.2f}", "", "1.00")
    console = Console()
    console.print(table)
    console.print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors; {refused} files refused")
    met = ours >= BAR_PAGES_PER_SECOND and resident < BAR_RESIDENT_MIB
    console.print(f"bar: {BAR_PAGES_PER_SECOND} pages/s, {BAR_RESIDENT_MIB} MiB a child: {'met' if met else 'not met'}")


if __name__ == "__main__":
    main()
