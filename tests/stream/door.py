"""The HTTP side of a `tocsin run`, and its metrics as numbers."""

import http.client
import re
import shutil
import subprocess

from world import wait_for

SAMPLE = re.compile(r'^([a-z_]+)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"')


class Door:
    """The HTTP side of one `tocsin run`."""

    def __init__(self, run):
        self.run = run
        run.wait_logged("http")
        self.port = int(re.search(r" event=http .*port=(\d+)", run.text()).group(1))

    def ask(self, path, method="GET", body=None):
        """(status, headers, text); None if the connection was refused or cut, as it may be while others flood it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def status(self, path):
        answer = self.ask(path)
        return answer and answer[0]

    def why(self):
        """What it waits for; "" if it is ready."""
        status, _, text = self.ask("/readyz")
        assert (status == 200) == (text == "ready\n"), (status, text)
        return "" if status == 200 else text

    def wait_ready(self):
        wait_for(lambda: self.status("/readyz") == 200, f"{self.run.name} is ready")

    def samples(self):
        """{(name, ((label, value), …)): number} of one scrape"""
        status, headers, text = self.ask("/metrics")
        assert status == 200 and headers["Content-Type"].startswith("text/plain; version=0.0.4")
        return parse(text)


def parse(text):
    samples = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        name, labels, value = SAMPLE.match(line).groups()
        key = (name, tuple(sorted(LABEL.findall(labels or ""))))
        assert key not in samples, f"twice: {line}"
        samples[key] = float(value)
    return samples


def total(samples, name, **labels):
    return sum(
        value for (other, pairs), value in samples.items() if other == name and labels.items() <= dict(pairs).items()
    )


def partitions(samples, name="tocsin_consumer_lag_stored"):
    return {int(dict(labels)["partition"]) for other, labels in samples if other == name}


def complaints(text):
    """What promtool has to say against a scrape; "" if nothing, None if there is no promtool."""
    promtool = shutil.which("promtool")
    if promtool is None:
        return None
    done = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, text=True, timeout=60)
    return done.stdout + done.stderr + (f"exit {done.returncode}" if done.returncode != 0 else "")
