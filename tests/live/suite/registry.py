"""The list of cases.

A case is a function that takes a Scene, makes its faults, and returns when all is done; it raises AssertionError if a
fault did not hit what it was meant to hit, and Skipped if it cannot be made here.
"""

CASES = []


class Skipped(Exception):
    """The text says why."""


class Case:
    def __init__(self, number, variant, title, play):
        self.number, self.variant, self.title, self.play = number, variant, title, play

    @property
    def name(self):
        return f"{self.number} {self.variant}" if self.variant else str(self.number)


def case(number, title, variants=("",)):
    """play(scene) or, with variants, play(scene, variant)"""

    def register(play):
        for variant in variants:
            chosen = play if variant == "" else (lambda scene, variant=variant: play(scene, variant))
            CASES.append(Case(number, variant, title, chosen))
        return play

    return register


def all_cases():
    from . import cases  # noqa: F401  (each of its modules registers its own)

    return sorted(CASES, key=lambda each: each.number)
