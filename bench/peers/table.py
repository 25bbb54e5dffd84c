"""What was measured, as rows, in a CSV: one line a work and side."""
import csv
import math

COLUMNS = ("work", "side", "version", "how", "status", "passes", "repetitions", "min_s", "median_s", "gflops", "flops", "bytes", "difference",
           "threads", "processor", "fma_peak_gflops", "ram_gb_s", "residua", "date", "command")
NUMBERS = ("min_s", "median_s", "gflops", "flops", "bytes", "difference", "fma_peak_gflops", "ram_gb_s")
OURS = "Residua"
EXACT = "Residua, Exact"


def save(rows, path):
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow({name: format(row[name], ".7g") if isinstance(row[name], float) else row[name] for name in COLUMNS})


def load(path):
    """Error: not such a table."""
    with open(path, newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise ValueError(f"{path}: expected a CSV with the columns {', '.join(COLUMNS)}")
        rows = list(reader)
    for row in rows:
        for name in NUMBERS:
            row[name] = float(row[name]) if row[name] else ""
        for name in ("passes", "repetitions", "threads"):
            row[name] = int(row[name]) if row[name] else ""
    return rows


def label(row):
    """A side and its version, as it is shown."""
    return row["side"] if row["side"] in (OURS, EXACT) else f"{row['side']} {short(row['version'])}"


def short(version):
    """2.15.0+cu132: 2.15."""
    return ".".join(version.split("+")[0].split(".")[:2])


class Compared:
    """A work and those who did it, by label: what was timed, and what was not."""

    def __init__(self, name, rows):
        self.name = name
        self.subject, batch, self.which = name.split("/")
        self.batch = int(batch)
        self.is_layer = self.subject.startswith("conv-")
        self.timed = {label(row): row for row in rows if row["status"] == "timed"}
        self.refused = [row for row in rows if row["status"] == "refused"]

    def ours(self):
        return self.timed.get(OURS)

    def others(self):
        return {name: row for name, row in self.timed.items() if name not in (OURS, EXACT)}

    def best_of(self, beginning=""):
        """The fastest of the others, or of those whose label begins so; None."""
        rows = [row for name, row in self.others().items() if name.startswith(beginning)]
        return min(rows, key=lambda row: row["min_s"], default=None)

    def times_faster(self):
        """The least time of the fastest other over ours; None where nobody else did it."""
        best = self.best_of()
        return best["min_s"] / self.ours()["min_s"] if best and self.ours() else None


def compared(rows):
    """In the order of the rows."""
    names = dict.fromkeys(row["work"] for row in rows)
    return [Compared(name, [row for row in rows if row["work"] == name]) for name in names]


def geometric_mean(values):
    values = list(values)
    return math.exp(sum(map(math.log, values)) / len(values)) if values else None


PASSES = {"forward": "forward", "data_gradient": "data gradient", "weight_gradient": "weight gradient", "gradients": "both gradients"}
NETWORKS = {"preact": "PreActResNet-", "original": "CIFAR ResNet-", "resnet": "ResNet-"}


def subject_text(subject):
    """What is shown for "conv-16-32-32-3-2" and "preact20"."""
    if subject.startswith("conv-"):
        channels, extent, filters, window, stride = subject.split("-")[1:]
        return f"{window}×{window}{'' if stride == '1' else ' /' + stride}, {channels} → {filters}, {extent}²"
    for beginning, name in NETWORKS.items():
        if subject.startswith(beginning):
            return name + subject[len(beginning):]
    return subject


def text_of(work):
    images = f"{work.batch} image{'' if work.batch == 1 else 's'}"
    which = PASSES.get(work.which) or {"train": "training step", "infer": "inference"}.get(work.which, work.which)
    return f"{subject_text(work.subject)}, {which}, {images}"
