"""All settings, from `XUEFEN_*` variables; built once by a driver and passed down. docs/settings.md is made of it."""

from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

MIB = 1024 * 1024


class Settings(BaseSettings):
    """The service's settings. Every field is documented by its description."""

    model_config = SettingsConfigDict(env_prefix="XUEFEN_", extra="forbid", frozen=True)

    home: Annotated[
        Path, Field(description="Folder of this installation's data: database, files, keys, Valkey's log.")
    ] = Path("var")
    models_dir: Annotated[
        Path, Field(description="Cache of the OCR weights, outside the checkout so that clones share it.")
    ] = Path("~/.cache/xuefen-intake/models")
    database_url: Annotated[
        str, Field(description="SQLAlchemy address of the database; empty means SQLite in the home folder.")
    ] = ""
    redis_url: Annotated[
        str, Field(description="Address of Redis or Valkey; empty means the embedded Valkey of the home folder.")
    ] = ""
    host: Annotated[str, Field(description="Address that the web page and the API listen on.")] = "127.0.0.1"
    port: Annotated[int, Field(description="Port of the web page and the API.", ge=1, le=65535)] = 8000
    public_url: Annotated[
        str, Field(description="Address under which people reach the service, for links; empty means host and port.")
    ] = ""
    secure_cookies: Annotated[bool, Field(description="Send cookies over HTTPS only; set behind a TLS proxy.")] = False
    language: Annotated[str, Field(description="Language of pages and messages when none is chosen: zh or en.")] = "zh"
    policy: Annotated[str, Field(description="Policy pack that judges uploads when none is named.")] = (
        "xinxiang-2016-2020"
    )
    workers: Annotated[int, Field(description="Reader workers that the supervisor starts.", ge=1, le=64)] = 2
    worker_max_jobs: Annotated[
        int, Field(description="Jobs after which a worker process ends and is started afresh.", ge=1)
    ] = 500
    page_deadline_seconds: Annotated[
        float, Field(description="Seconds that the reader child may spend on one page before it is killed.", gt=0)
    ] = 60.0
    reader_memory_mib: Annotated[
        int, Field(description="Address space of a reader child in MiB (reserved, not resident, memory).", ge=1024)
    ] = 4096
    lease_seconds: Annotated[
        float,
        Field(description="Seconds a worker holds a file before others may claim it; renewed while it reads.", gt=0),
    ] = 90.0
    max_attempts: Annotated[int, Field(description="Times a file is tried before it is parked as failed.", ge=1)] = 4
    session_hours: Annotated[float, Field(description="Hours until an unused session ends.", gt=0)] = 12.0
    link_hours: Annotated[float, Field(description="Hours until an unused one-time link ends.", gt=0)] = 72.0
    max_file_mib: Annotated[int, Field(description="Largest single file in MiB.", ge=1)] = 50
    max_archive_mib: Annotated[int, Field(description="Largest ZIP in MiB, and the most it may unpack to.", ge=1)] = (
        2048
    )
    max_archive_members: Annotated[int, Field(description="Most files in one ZIP.", ge=1)] = 5000
    max_pixels: Annotated[int, Field(description="Most pixels of one image.", ge=1)] = 64_000_000
    max_pages: Annotated[int, Field(description="Most pages of one file.", ge=1)] = 200
    max_batch_files: Annotated[int, Field(description="Most files named in one upload request.", ge=1)] = 5000

    @property
    def database(self) -> str:
        """The database address in force."""
        return self.database_url or f"sqlite:///{self.home.resolve() / 'xuefen.db'}"

    @property
    def blobs(self) -> Path:
        """The folder of the sealed files and page images."""
        return self.home / "blobs"

    @property
    def base_url(self) -> str:
        """The address for links, without a trailing slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")
