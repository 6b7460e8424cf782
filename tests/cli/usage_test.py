"""Help, wrong usage and wrong configuration: exit codes, and errors that name the place and the nearest valid name."""

import re
import subprocess

import pytest
from conftest import BINARY, CONFIGURATION, DONE, ROOT, USAGE, WORK_LEFT, call, environment

VERBS = ["run", "enrich", "explain", "demo", "broker", "feed", "dead", "check", "help", "version"]


def test_help_lists_every_verb():
    result = call("help")
    assert result.returncode == DONE and result.stderr == b""
    for verb in VERBS:
        assert re.search(rf"^  {verb} ", result.stdout.decode(), re.M), verb
    assert call("--help").stdout == result.stdout == call("-h").stdout


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_explains_itself(verb):
    result = call(verb, "--help")
    assert result.returncode == DONE and result.stderr == b""
    assert result.stdout.decode().startswith(f"Usage: tocsin {verb}")
    assert call("help", verb).stdout == result.stdout


def test_help_settings_shows_every_setting_and_what_is_refused():
    text = call("help", "settings").stdout.decode()
    for key in re.findall(r'^SETTING\(\w+, "([^"]+)"', (ROOT / "consumer/settings/settings.def").read_text(), re.M):
        assert re.search(rf"^  {re.escape(key)}\b", text, re.M), key
    assert "enable.auto.commit: offsets are committed only behind finished batches" in text


def test_version():
    for word in ("version", "--version", "-V"):
        result = call(word)
        assert result.returncode == DONE and re.match(rb"tocsin \d+\.\d+\.\d+\n", result.stdout)


def test_the_example_configuration_is_the_one_in_the_tree():
    assert call("help", "--example-config").stdout.decode() == (ROOT / "deploy/tocsin.conf.example").read_text(), \
        "deploy/tocsin.conf.example is old: tocsin help --example-config >deploy/tocsin.conf.example"


def test_the_manual_page_is_the_one_in_the_tree():
    assert call("help", "--manual").stdout.decode() == (ROOT / "deploy/tocsin.1").read_text(), \
        "deploy/tocsin.1 is old: tocsin help --manual >deploy/tocsin.1"


def test_the_example_configuration_is_valid_as_it_is_and_uncommented(tmp_path):
    example = call("help", "--example-config").stdout.decode()
    config = tmp_path / "tocsin.conf"
    config.write_text(example)
    assert call("check", "-c", config).returncode == DONE
    settings, _, _ = example.partition("# Any property of librdkafka")
    # every default said aloud; files of secrets name no file, which is no default
    lines = [re.sub(r"^#(?=\S+ =)", "", line) for line in settings.splitlines() if "_file =" not in line]
    config.write_text("\n".join(lines))
    result = call("check", "-c", config, "--print")
    assert result.returncode == DONE, result.stderr
    # (what is empty by default is found out: data.dir, workers, instance)
    assert result.stdout.decode().count(f"# {config}:") >= 40


@pytest.mark.parametrize("arguments, expected", [
    ([], "a verb is missing"),
    (["enrch"], 'unknown verb "enrch"; did you mean "enrich"?'),
    (["xyzzy"], 'unknown verb "xyzzy" ('),
    (["enrich", "--outptu", "x"], 'unknown option "--outptu"; did you mean "--output"?'),
    (["enrich", "-q"], 'unknown option "-q"'),
    (["enrich", "--output"], "option --output needs its argument FILE"),
    (["enrich", "--strict=yes"], "option --strict takes no argument"),
    (["enrich", "--text", "--html"], "exclude each other"),
    (["enrich", "/nonexistent.jsonl"], "/nonexistent.jsonl: No such file or directory"),
    (["run", "now"], 'unexpected argument "now"'),
    (["feed"], "FILE… is missing"),
    (["feed", "--rate", "fast", "x"], '--rate is "fast", expected a whole number'),
    (["demo", "--seconds", "-1"], '--seconds is "-1"'),
    (["broker", "--partitions", "0"], '--partitions is "0", expected a whole number from 1 to 1000'),
    (["run", "--until", "1h"], "--until needs --from"),
    (["run", "--from", "1h", "--until", "2h"], "--until is not behind --from"),
    (["run", "--from", "yesterday"], '--from is "yesterday", expected a time'),
    (["dead"], "list | show PARTITION@OFFSET… | replay [PARTITION@OFFSET…] is missing"),
    (["dead", "shwo"], '"shwo" is none of list, show, replay; did you mean "show"?'),
    (["help", "enrihc"], 'there is no "enrihc"; did you mean "enrich"?'),
])
def test_wrong_usage_is_64_and_says_what_was_meant(arguments, expected):
    result = call(*arguments)
    assert result.returncode == USAGE, result.stderr
    assert expected in result.stderr.decode() and result.stdout == b""


@pytest.mark.parametrize("arguments, expected", [
    (["-X", "redis.ulr=x"], '-X: unknown setting "redis.ulr"; did you mean "redis.url"?'),
    (["-X", "workers"], '-X "workers": expected KEY=VALUE'),
    (["-X", "workers=many"], '-X: workers is "many", expected a whole number'),
    (["-X", "workers=999"], "-X: workers is 999, allowed are 0 to 256 threads"),
    (["--brokers", "", "-X", "group.id="], "group.id must not be empty"),
    (["-X", "kafka.enable.auto.commit=false"], "cannot be set: offsets are committed only behind finished batches"),
    (["-X", "kafka.sesion.timeout.ms=1"], 'did you mean "session.timeout.ms"?'),
    (["-X", "redis.url=http://x"], "redis.url: 'http://x' is not redis://"),
    (["-X", "data.dir=/nonexistent"], 'data.dir is "/nonexistent", which is no folder'),
    (["-X", "output.topic=news.raw"], "must be three topics"),
    (["-c", "/nonexistent.conf"], "/nonexistent.conf: No such file"),
])
@pytest.mark.parametrize("verb", ["run", "check"])
def test_wrong_configuration_is_78_and_names_its_place(verb, arguments, expected):
    result = call(verb, *arguments)
    assert result.returncode == CONFIGURATION, result.stderr
    assert expected in result.stderr.decode()


def test_a_wrong_line_in_a_file_is_named_by_its_number(tmp_path):
    config = tmp_path / "my.conf"
    config.write_text("# fine\nworkers = 2\nbatch.max.cuont = 7\n")
    result = call("check", "-c", config)
    assert result.returncode == CONFIGURATION
    assert f'{config}:3: unknown setting "batch.max.cuont"; did you mean "batch.max.count"?' in result.stderr.decode()


def test_sources_override_each_other_in_order(tmp_path):
    config = tmp_path / "my.conf"
    config.write_text("workers = 3\ngroup.id = file\ninput.topic = ${TOPIC:none}\n")
    env = environment(TOCSIN_GROUP_ID="environment", TOCSIN_DEAD_TOPIC="environment.dead", TOPIC="from.env")
    text = call("check", "--print", "-c", config, "-X", "dead.topic=line.dead", env=env).stdout.decode()
    assert f"workers = 3  # {config}:1\n" in text
    assert "group.id = environment  # TOCSIN_GROUP_ID\n" in text
    assert "dead.topic = line.dead  # -X\n" in text
    assert "input.topic = from.env  #" in text
    assert "output.topic = news.enriched  # default\n" in text


def test_no_secret_is_printed(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("hunter2\n")
    result = call("check", "--print", "-X", f"redis.password_file={secret}", "-X", "kafka.sasl.password=hunter2",
                  "-X", "kafka.sasl.username=hunter2")
    assert result.returncode == DONE, result.stderr
    assert b"hunter2" not in result.stdout + result.stderr
    assert b"redis.password = ********" in result.stdout


def test_a_broken_table_is_78_with_file_and_line(tmp_path):
    overlay = tmp_path / "overlay"
    overlay.mkdir()
    (overlay / "languages.tsv").write_text("tag\tname\tscript\tand one too many\n")
    result = call("check", "-X", f"lexicon.overlay={overlay}")
    assert result.returncode == CONFIGURATION
    assert re.search(rb"^FAIL +tables .*languages\.tsv", result.stdout, re.M), result.stdout


def test_a_full_disk_is_no_success():
    with open("/dev/full", "wb") as full:
        result = subprocess.run([BINARY, "help"], stdout=full, stderr=subprocess.PIPE, env=environment(), check=False)
    assert result.returncode == WORK_LEFT
