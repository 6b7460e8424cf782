"""Tables of the user's own: names added, taken away, and what `check --tables` says of them."""

import json

from conftest import call

HEAD = "id type country acts name source de ar en fr ru fa he tr es uk zh".replace(" ", "\t")


def row(identity, kind, name, spelling, country="-"):
    return "\t".join([identity, kind, country, "-", name, "-", *[spelling] * 11])


def overlay(folder, *rows, name="ours"):
    known = folder / "entities" / "known"
    known.mkdir(parents=True, exist_ok=True)
    (known / f"{name}.tsv").write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    return f"lexicon.overlay={folder}"


def ids(text, *settings):
    message = json.dumps({"id": "one", "body": text, "language": "en"}).encode() + b"\n"
    options = [part for setting in settings for part in ("-X", setting)]
    result = call("enrich", *options, stdin=message)
    assert result.returncode == 0, result.stderr
    return {entity["id"] for entity in json.loads(result.stdout)["entities"]}


def test_a_name_of_your_own_is_found_in_every_language(tmp_path):
    setting = overlay(tmp_path, row("t:quorvex", "ORG", "Quorvex Group", "Quorvex Group"))
    assert "t:quorvex" in ids("Shares of the Quorvex Group fell on Monday, analysts said.", setting)


def test_a_shipped_name_can_be_taken_away(tmp_path):
    text = "The International Atomic Energy Agency reported on Monday."
    assert "Q41984" in ids(text)
    setting = overlay(tmp_path, "\t".join(["-Q41984"] + ["-"] * 16), name="bodies")
    assert "Q41984" not in ids(text, setting)


def test_check_says_where_two_rows_claim_one_spelling_and_what_lacks_a_language(tmp_path):
    setting = overlay(tmp_path, row("t:first", "ORG", "Quorvex", "Quorvex"), row("t:second", "ORG", "Quorvex Two", "Quorvex"),
                      row("t:third", "ORG", "Brellin", "Brellin").replace("Brellin\tBrellin", "Brellin\t-", 1))
    short = call("check", "-X", setting).stdout.decode()
    assert "of kind collision; --tables lists them" in short
    long = call("check", "--tables", "-X", setting).stdout.decode()
    assert "ours.tsv:3: 'Quorvex' is a name of t:first" in long
    assert "ours.tsv:4: no name in" in long


def test_the_shipped_tables_have_no_spelling_of_two_names():
    assert "collision" not in call("check").stdout.decode()


def test_a_wikidata_id_needs_its_source(tmp_path):
    setting = overlay(tmp_path, row("Q999999999", "ORG", "Quorvex", "Quorvex"))
    result = call("check", "-X", setting)
    assert result.returncode == 78
    assert b"ours.tsv:2" in result.stdout and b"source" in result.stdout


def mentions(text, *settings):
    message = json.dumps({"id": "one", "body": text, "language": "en"}).encode() + b"\n"
    options = [part for setting in settings for part in ("-X", setting)]
    result = call("enrich", *options, stdin=message)
    assert result.returncode == 0, result.stderr
    return {mention["trigger"] for mention in json.loads(result.stdout)["escalation"]["mentions"]}


def test_a_word_of_your_own_tells_whatever_was_learnt(tmp_path):
    text = "The national tea party of France and Spain drew a thousand visitors."
    assert mentions(text) == set()
    (tmp_path / "escalation").mkdir()
    (tmp_path / "escalation" / "en.tsv").write_text(
        "phrase\tkind\tmode\tweight\tneeds\troles\ntea party\tattack\tdone\t0.9\tparty\tnoun\n", encoding="utf-8")
    assert mentions(text, f"lexicon.overlay={tmp_path}") == {"tea party"}
