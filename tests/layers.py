#!/usr/bin/python3
"""The house's layers, checked: includes name the layer and point down only; nothing lies about at the top.

    processors/  may include processors/ only, and knows no Kafka, no Redis, and no threads but
                 those of parallel.c, which read tables
    consumer/    may include consumer/ and processors/
    tests/       may include anything
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
MAY_INCLUDE = {"processors": {"processors"}, "consumer": {"consumer", "processors"}}
FOREIGN_TO_PROCESSORS = ("librdkafka", "hiredis", "pthread.h", "threads.h", "syslog.h")
THREADS_OF_PROCESSORS = "processors/parallel.c"
TOP = {
    "consumer", "processors", "schemas", "deploy", "tests", "CMakeLists.txt", "docker-compose.yml", "README.md",
    "CMakePresets.json", "LICENSE", "NOTICE", "CHANGELOG.md",
}
ROOM_LINES_MAX = 600
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')


def tracked():
    try:
        out = subprocess.run(["git", "-C", ROOT, "ls-files", "-z"], capture_output=True, check=True).stdout
        return [name for name in out.decode().split("\0") if name]
    except (OSError, subprocess.CalledProcessError):  # an unpacked archive has no git
        return [str(p.relative_to(ROOT)) for p in ROOT.rglob("*") if p.is_file() and "build" not in p.parts]


def faults_of(name):
    layer = name.split("/")[0]
    text = (ROOT / name).read_text(encoding="utf-8", errors="replace").splitlines()
    if len(text) > ROOM_LINES_MAX:
        yield f"{name}: {len(text)} lines; past {ROOM_LINES_MAX} a room is two rooms"
    if layer not in MAY_INCLUDE:
        return
    for number, line in enumerate(text, 1):
        found = INCLUDE.match(line)
        if not found:
            continue
        kind, path = found.groups()
        if kind == '"' and path.split("/")[0] not in MAY_INCLUDE[layer]:
            yield f"{name}:{number}: {layer}/ may not include {path}"
        if kind == "<" and layer == "processors" and path.startswith(FOREIGN_TO_PROCESSORS) and not (
                name == THREADS_OF_PROCESSORS and path == "pthread.h"):
            yield f"{name}:{number}: processors/ knows no {path}"


def main():
    names = [name for name in tracked() if (ROOT / name).exists()]
    faults = [f"{top}: does not belong at the top" for top in sorted({n.split("/")[0] for n in names})
              if top not in TOP and not top.startswith(".")]
    sources = [n for n in names if n.endswith((".c", ".h", ".def"))]
    for name in sources:
        faults.extend(faults_of(name))
    for fault in faults:
        print(fault)
    print(f"{len(sources)} sources read, {len(faults)} faults")
    return 1 if faults or not sources else 0


if __name__ == "__main__":
    sys.exit(main())
