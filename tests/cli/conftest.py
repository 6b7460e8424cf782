"""What the command-line tests share: a way to call the binary, and articles to give it."""

import json
import os
import subprocess
from pathlib import Path

import pytest

BINARY = os.environ.get("TOCSIN_BINARY", "tocsin")
SANITIZED = os.environ.get("TOCSIN_SANITIZED", "") != ""
ROOT = Path(__file__).resolve().parent.parent.parent
SAMPLES = ROOT / "deploy" / "samples"

DONE, WORK_LEFT, USAGE, UNREACHABLE, CONFIGURATION = 0, 1, 64, 69, 78


def environment(**more):
    """Ours, without settings that a developer may have exported."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
    env.update({"TERM": "dumb", **more})
    return env


def call(*arguments, stdin=b"", env=None, cwd=None, timeout=120):
    """Runs the binary to its end; stdout and stderr are bytes."""
    return subprocess.run(
        [BINARY, *map(str, arguments)], input=stdin, capture_output=True, env=env or environment(), cwd=cwd,
        timeout=timeout, check=False
    )


def lines_of(output):
    return [json.loads(line) for line in output.decode().splitlines()]


def article(number, **more):
    return {"id": f"a-{number}", "title": f"Headline number {number}",
            "body": f"The harbour of town {number} was reopened on Monday after repairs that took three weeks.", **more}


def json_lines(articles):
    return b"".join(json.dumps(a, ensure_ascii=False).encode() + b"\n" for a in articles)


@pytest.fixture
def samples():
    return SAMPLES / "feed.jsonl"
