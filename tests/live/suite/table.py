"""A row for each case and mode: the verdict, the counts behind each invariant, how long it took, the seed."""

from .audit import INVARIANTS

PASS, FAIL, SKIP = "pass", "FAIL", "SKIPPED"


class Row:
    def __init__(self, case, mode, seed):
        self.case, self.mode, self.seed = case, mode, seed
        self.verdict = FAIL
        self.reason = ""
        self.judgement = None
        self.facts = {}
        self.seconds = 0.0
        self.folder = None

    def failed(self):
        return self.verdict == FAIL

    def show(self):
        """For the terminal, when the case is over."""
        lines = [f"{self.verdict:8} case {self.case.name}, {self.mode}, seed {self.seed}, {self.seconds:.0f} s"]
        if self.judgement is not None:
            lines[0] += f", {self.judgement.n_articles} articles"
            for name in INVARIANTS:
                kept = "ok" if self.judgement.kept.get(name) else "NO"
                lines.append(f"         {name:8} {kept}  {self.judgement.text.get(name, 'not judged')}")
            lines += [f"         {note}" for note in self.judgement.notes]
        lines += [f"         {name}: {value}" for name, value in self.facts.items()]
        if self.reason:
            lines.append(f"         {self.reason}")
        if self.failed():
            lines.append(f"         logs in {self.folder}")
            name = f"{self.case.number}" + (f" --variant '{self.case.variant}'" if self.case.variant else "")
            lines.append(f"         again: tests/live/run --case {name} --mode {self.mode} --seed {self.seed}")
        return "\n".join(lines)

    def cells(self):
        cells = [self.case.name, self.mode, self.verdict]
        if self.verdict == SKIP:
            return cells + [self.reason] + [""] * (len(INVARIANTS) + 2)
        judgement = self.judgement
        cells.append(str(judgement.n_articles) if judgement else "")
        for name in INVARIANTS:
            text = judgement.text.get(name, "not judged") if judgement else "not judged"
            cells.append(text if judgement and judgement.kept.get(name) else f"NO: {text}")
        cells.append(", ".join(f"{name}: {value}" for name, value in self.facts.items()))
        cells.append(f"{self.seconds:.0f} s, {self.seed}")
        return cells


HEAD = ["case", "mode", "", "articles", "(i) ids", "(ii) order", "(iii) Redis", "(iv) offsets", "(v) dead letters",
        "(vi) memory", "faults", "time, seed"]  # fmt: skip


def markdown(rows):
    lines = [HEAD, ["---"] * len(HEAD)] + [row.cells() for row in rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
