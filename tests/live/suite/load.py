"""The crawlers: articles with keys over all partitions of a topic, made from a seed, sent while faults are made.

Each record carries its number in the header `n`.  Tocsin passes headers on untouched, to the enriched record and to the
dead letter alike, so half a million records can be compared without reading one JSON document.

What is compared at the end is not what this producer meant to send but what the input topic holds: a producer that has
to send again when brokers die may write an article twice, and then it is rightly enriched twice.
"""

import contextlib
import functools
import json
import random
import threading
import time

import confluent_kafka

HEADER = "n"
KEYS = 240
TICK = 0.01  # how long the producer rests between two looks at the clock

# Plain sentences about states and what they do, as an agency would write them; none is a quotation, none a real report.
QUIET = {
    "ar": ("تبني المدينة ثلاث مدارس جديدة هذا العام.", "انخفضت أسعار الخضار قليلا خلال الصيف."),
    "de": (
        "Die Stadt baut in diesem Jahr drei neue Schulen.",
        "Am Wochenende wird es sonnig, sagte der Wetterdienst.",
        "Die Preise für Gemüse sind im Sommer etwas gefallen.",
    ),
    "en": (
        "The city is building three new schools this year.",
        "The weekend will be sunny, the weather service said.",
        "Prices of vegetables have fallen a little over the summer.",
    ),
    "es": ("La ciudad construye este año tres escuelas nuevas.", "El fin de semana será soleado en toda la costa."),
    "fr": ("La ville construit cette année trois nouvelles écoles.", "Le week-end sera ensoleillé dans le sud."),
    "ru": ("В этом году город строит три новые школы.", "В выходные будет солнечно, сообщила служба погоды."),
}
MOVING = {
    "ar": ("شنت إسرائيل غارات على إيران.", "دعا مجلس الأمن إلى خفض التصعيد بين إيران وإسرائيل."),
    "de": (
        "Russland hat die Ukraine mit Raketen angegriffen.",
        "Russland und die Ukraine haben eine Waffenruhe vereinbart.",
    ),
    "en": ("Russia attacked Ukraine with missiles.", "Russia and Ukraine agreed on a ceasefire."),
}
NUMBERED = {
    "ar": "هذا هو التقرير رقم %d",
    "de": "Dies ist die Meldung Nummer %d",
    "en": "This is report number %d",
    "es": "Este es el informe número %d",
    "fr": "Ceci est la dépêche numéro %d",
    "ru": "Это сообщение номер %d",
}


def article_form(language, sentences):
    """An article as bytes in which only its number is missing, four times."""
    document = {
        "id": "a%d",
        "url": "https://agency.example/%d",
        "source": "agency.example",
        "title": NUMBERED[language],
        "body": " ".join(sentences) + "\n\n" + NUMBERED[language] + ".",
        "published_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "language": language,
    }
    return json.dumps(document, ensure_ascii=False).encode()


def quiet_forms():
    return [
        article_form(language, sentences * times) for language, sentences in QUIET.items() for times in (1, 2, 4)
    ]


def moving_forms():
    """One mention or two each."""
    forms = []
    for language, sentences in MOVING.items():
        for chosen in ((sentences[0],), (sentences[1],), sentences):
            forms.append(article_form(language, (QUIET[language][0], *chosen, QUIET[language][1])))
    return forms


def short_forms():
    """For a back-log: as little as an article can be."""
    return [b'{"id":"a%d","title":"Note %d","body":"The weekend will be sunny. Note %d of %d."}']


def poison(chance, number, whole):
    """Something that no reader can take for an article."""
    return [
        lambda: whole[: chance.randrange(1, len(whole) - 1)],
        lambda: b"",
        lambda: b"null",
        lambda: b"[%d]" % number,
        lambda: b'{"title":%d}' % number,
        lambda: b"\xff\xfe" + chance.randbytes(chance.randrange(1, 300)),
        lambda: b"[" * 100_000,
        lambda: b'{"body":"\xed\xa0\x80", %d' % number,
    ][chance.randrange(8)]()


def bulky(chance, number, size):
    """An article of so many bytes that hardly compress; Tocsin keeps all of them."""
    body = " ".join(chance.randbytes(4).hex() for _ in range(size // 9))
    return json.dumps({"id": f"a{number}", "title": f"Long list {number}", "body": body}).encode()


class Load:
    """A thread that sends `rate` articles a second, and more at once when told to.

    Thread-safety: burst(), stop() and the counts from any thread.
    """

    def __init__(self, bootstrap, topic, seed, n_partitions=12, mention_every=10, poison_every=0, bulky_every=0,
                 bulky_bytes=0, short=False, compression="lz4"):  # fmt: skip
        self.bootstrap, self.topic, self.n_partitions = bootstrap, topic, n_partitions
        self.chance = random.Random(f"{seed} load")
        self.quiet, self.moving = (short_forms(), moving_forms()) if short else (quiet_forms(), moving_forms())
        self.mention_every, self.poison_every, self.bulky_every = mention_every, poison_every, bulky_every
        self.bulky_bytes = bulky_bytes
        self.keys = [f"key-{number}" for number in range(KEYS)]
        self.made = 0
        self.poison = {}  # number → value
        self.bulky = {}
        self.acked = [0] * n_partitions
        self.n_acked = 0
        self.partition = {}  # number → where it is
        self.again = []  # what has to be sent once more
        self.rebuilt = 0
        self.rate = 0
        self.debt = 0.0  # articles that are due
        self.at_least = 0
        self.lock = threading.Lock()
        self.ending = threading.Event()
        self.failure = None
        self.compression = compression
        self.sent_again = 0
        self.producer = self.new_producer()
        self.thread = threading.Thread(target=self.run, name="load", daemon=True)

    def new_producer(self):
        return confluent_kafka.Producer(
            {
                "bootstrap.servers": self.bootstrap,
                "enable.idempotence": True,
                "acks": "all",
                "partitioner": "murmur2_random",
                "linger.ms": 5,
                "compression.type": self.compression,
                "message.max.bytes": 8_000_000,
                "queue.buffering.max.messages": 100_000,
                "log_level": 2,
            }
        )

    # ---- one article

    def make(self, number):
        if self.bulky_every and number % self.bulky_every == self.bulky_every // 2:
            self.bulky[number] = bulky(self.chance, number, self.bulky_bytes)
            return self.bulky[number]
        forms = self.moving if self.mention_every and self.chance.randrange(self.mention_every) == 0 else self.quiet
        form = forms[self.chance.randrange(len(forms))]
        whole = form % ((number,) * form.count(b"%d"))
        if self.poison_every and number % self.poison_every == self.poison_every // 3:
            self.poison[number] = poison(self.chance, number, whole)
            return self.poison[number]
        return whole

    def on_delivery(self, number, value, key, error, message):
        if error is None:
            self.acked[message.partition()] += 1
            self.partition[number] = message.partition()
            self.n_acked += 1
        else:
            self.again.append((number, value, key))
            self.sent_again += 1

    def send(self, number, value, key):
        on_delivery = functools.partial(self.on_delivery, number, value, key)
        headers = [(HEADER, b"%d" % number)]
        while True:
            try:
                if self.ask("produce", self.topic, value=value, key=key, headers=headers, on_delivery=on_delivery):
                    return
            except BufferError:
                self.ask("poll", 0.05)

    def ask(self, name, *arguments, **options):
        """False: the producer had lost count, which an idempotent one says wherever it is asked next, and refuses
        everything from then on.  It has a successor now, and what was under way will be sent again."""
        try:
            getattr(self.producer, name)(*arguments, **options)
            return True
        except confluent_kafka.KafkaException as error:
            if not error.args[0].fatal():
                raise
        for _ in range(30):
            with contextlib.suppress(confluent_kafka.KafkaException):
                self.producer.purge()
                self.producer.flush(1)
            if len(self.producer) == 0:
                break
        self.producer = self.new_producer()
        self.rebuilt += 1
        return False

    def send_new(self):
        number = self.made
        self.made += 1
        self.send(number, self.make(number), self.keys[self.chance.randrange(KEYS)])

    def send_again(self):
        due, self.again = self.again, []
        if due:
            time.sleep(0.1)  # whatever refused them is given a moment
        for number, value, key in sorted(due, key=lambda entry: entry[0]):
            self.send(number, value, key)

    # ---- the thread

    def run(self):
        try:
            self.loop()
            while self.n_acked < self.made:
                self.ask("flush", 1)
                self.send_again()
        except BaseException as error:  # told by whoever waits for articles
            self.failure = error

    def loop(self):
        before = time.monotonic()
        while not self.ending.is_set() or self.debt >= 1 or self.made < self.at_least:
            now = time.monotonic()
            with self.lock:
                self.debt += (now - before) * self.rate
                due, self.debt = int(self.debt), self.debt % 1
                if self.ending.is_set():
                    due = max(due, min(self.at_least - self.made, 1000))
            before = now
            for _ in range(due):
                self.send_new()
            self.ask("poll", TICK)
            self.send_again()

    def start(self, rate):
        self.rate = rate
        self.thread.start()
        return self

    def burst(self, count):
        with self.lock:
            self.debt += count

    def stop(self, at_least=0, timeout=300):
        """No more after `at_least` articles in all; returns when the brokers have all of them."""
        self.at_least = at_least
        with self.lock:
            self.rate = 0
        self.ending.set()
        self.thread.join(timeout)
        if self.failure is not None:
            raise self.failure
        assert not self.thread.is_alive(), f"the brokers took {self.n_acked} of {self.made} articles in {timeout} s"
