"""Charts as SVG: where layers lie under the roofs of a processor, and how long networks take beside ours.

A side is known by its mark's form and by words, never by colour alone."""
import html
import math

import table

STYLE = """
:root{color-scheme:light dark;--paper:#fff;--ink:#1b2330;--soft:#4a5666;--rule:#d3dae3;--grid:#e2e7ee;--ours:#1c5fb0;--exact:#1d7442;
--onednn:#b3390b;--pytorch:#8a3fa0}
@media(prefers-color-scheme:dark){:root{--paper:#11161d;--ink:#e8ecf2;--soft:#b3bdca;--rule:#364150;--grid:#2a333f;--ours:#7db4ff;
--exact:#6fce97;--onednn:#ff9d6b;--pytorch:#d9a0ea}}
svg text{font:13px system-ui,sans-serif;fill:var(--ink)}svg .title{font-weight:600;font-size:14px}svg .tick{fill:var(--soft)}
svg .middle{text-anchor:middle}svg .end{text-anchor:end}
.grid{stroke:var(--grid)}.roof{stroke:var(--soft);fill:none;stroke-width:1.5}
.ours{--side:var(--ours)}.exact{--side:var(--exact)}.onednn{--side:var(--onednn)}.pytorch{--side:var(--pytorch)}.other{--side:var(--soft)}
.mark{fill:var(--side);stroke:var(--paper);stroke-width:.6}.hollow{fill:none;stroke:var(--side);stroke-width:1.6}
.bar{fill:var(--side);fill-opacity:.85}
"""


def kind_of(label):
    """The class of a side's marks."""
    if label == table.OURS:
        return "ours"
    if label == table.EXACT:
        return "exact"
    return {"oneDNN": "onednn", "PyTorch": "pytorch"}.get(label.split(" ")[0].rstrip(","), "other")


def mark(kind, x, y, title=""):
    inside = f"<title>{html.escape(title)}</title>" if title else ""
    shapes = {
        "ours": f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.2" class="mark ours">',
        "exact": f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" class="hollow exact">',
        "onednn": f'<path d="M{x:.1f} {y - 5:.1f}l4.6 8.4h-9.2z" class="mark onednn">',
        "pytorch": f'<rect x="{x - 3.6:.1f}" y="{y - 3.6:.1f}" width="7.2" height="7.2" class="hollow pytorch">',
    }
    shape = shapes.get(kind, f'<path d="M{x - 4:.1f} {y - 4:.1f}l8 8m0 -8l-8 8" class="hollow other">')
    return shape + inside + f"</{shape[1:].split(' ')[0]}>"


def ticks(least, most):
    """1, 2, 5, 10 ... between these."""
    values = [digit * 10.0**power for power in range(-3, 7) for digit in (1, 2, 5)]
    return [value for value in values if least <= value <= most]


class Roofline:
    """The layers of one pass: FLOP a byte to the right, GFLOP/s upwards, both logarithmic. Of peers of one name the fastest is shown."""

    width, height = 520, 390
    left, right, top, bottom = 52, 14, 30, 44

    def __init__(self, works, title):
        self.title = title
        self.points = [point for work in works for point in self.points_of(work)]
        row = works[0].ours()
        self.peak, self.memory = row["fma_peak_gflops"], row["ram_gb_s"]
        intensities = [x for _, x, _, _ in self.points]
        speeds = [y for _, _, y, _ in self.points]
        self.x_range = (min(min(intensities) / 1.25, 0.5 * self.peak / self.memory), max(intensities) * 1.25)  # (both roofs are seen)
        self.y_range = (min(speeds) / 1.3, max(*speeds, self.peak) * 1.3)

    @staticmethod
    def points_of(work):
        rows = {"ours": work.ours(), "exact": work.timed.get(table.EXACT), "onednn": work.best_of("oneDNN"),
                "pytorch": work.best_of("PyTorch")}
        for row in work.others().values():
            rows.setdefault(kind_of(table.label(row)), row)
        points = []
        for kind, row in rows.items():
            if row:
                text = f"{table.text_of(work)}: {table.label(row)} {row['gflops']:.4g} GFLOP/s"
                points.append((kind, row["flops"] / row["bytes"], row["gflops"], text))
        return points

    def x(self, value):
        low, high = map(math.log, self.x_range)
        return self.left + (math.log(value) - low) / (high - low) * (self.width - self.left - self.right)

    def y(self, value):
        low, high = map(math.log, self.y_range)
        return self.height - self.bottom - (math.log(value) - low) / (high - low) * (self.height - self.top - self.bottom)

    def inside(self):
        """Without the <svg> around it."""
        parts = [f'<text x="{self.left}" y="18" class="title">{html.escape(self.title)}</text>']
        right, bottom = self.width - self.right, self.height - self.bottom
        for value in ticks(*self.x_range):
            parts.append(f'<path d="M{self.x(value):.1f} {self.top}V{bottom}" class="grid"/>'
                         f'<text x="{self.x(value):.1f}" y="{bottom + 17}" class="tick middle">{value:g}</text>')
        for value in ticks(*self.y_range):
            parts.append(f'<path d="M{self.left} {self.y(value):.1f}H{right}" class="grid"/>'
                         f'<text x="{self.left - 6}" y="{self.y(value) + 4:.1f}" class="tick end">{value:g}</text>')
        parts += self.roofs()
        # (Ours last: on top.)
        order = {"other": 0, "pytorch": 1, "onednn": 2, "exact": 3, "ours": 4}
        parts += [mark(kind, self.x(x), self.y(y), text) for kind, x, y, text in sorted(self.points, key=lambda point: order[point[0]])]
        parts.append(f'<text x="{right}" y="{self.height - 8}" class="tick end">FLOP a byte</text>'
                     f'<text x="{right}" y="18" class="tick end">GFLOP/s</text>')
        return "".join(parts)

    def roofs(self):
        ridge = self.peak / self.memory
        low_x = max(self.x_range[0], self.y_range[0] / self.memory)
        parts = []
        if ridge > low_x:
            top_x = min(ridge, self.x_range[1])
            parts.append(f'<path d="M{self.x(low_x):.1f} {self.y(low_x * self.memory):.1f}L{self.x(top_x):.1f} '
                         f'{self.y(top_x * self.memory):.1f}" class="roof"/>')
            # (At the bottom, where no layer is.)
            parts.append(f'<text x="{self.left + 5}" y="{self.height - self.bottom - 8}" class="tick">memory {self.memory:.2g} GB/s</text>')
        if ridge < self.x_range[1]:
            begin = max(ridge, self.x_range[0])
            parts.append(f'<path d="M{self.x(begin):.1f} {self.y(self.peak):.1f}H{self.width - self.right}" class="roof"/>'
                         f'<text x="{self.left + 5}" y="{self.y(self.peak) - 5:.1f}" class="tick">FMA peak {self.peak:.3g}</text>')
        return parts

    def words(self):
        counts = {}
        for kind, _, _, _ in self.points:
            counts[kind] = counts.get(kind, 0) + 1
        return f"Roofline of the layers, {self.title}: GFLOP/s against FLOP a byte, {counts.get('ours', 0)} layers; the table has the numbers"


NAMES = {"ours": "Residua", "exact": "Residua, direct kernels", "onednn": "oneDNN", "pytorch": "PyTorch", "other": "others"}


def legend(kinds, x, y):
    """In one row from here."""
    parts = []
    for kind in kinds:
        parts.append(mark(kind, x + 5, y - 4) + f'<text x="{x + 15}" y="{y}">{NAMES[kind]}</text>')
        x += 34 + 7.7 * len(NAMES[kind])
    return "".join(parts)


class Bars:
    """How many times as long as ours the others take for each network: a group a work."""

    width, left, right, row, gap = 520, 124, 122, 19, 30

    def __init__(self, works, title):
        self.title = title
        self.works = [work for work in works if work.ours() and work.others()]
        self.height = 30 + sum(self.gap + self.row * len(self.sides(work)) for work in self.works) + 30
        ratios = [row["min_s"] / work.ours()["min_s"] for work in self.works for row in self.sides(work).values()]
        self.most = max(ratios, default=1)

    @staticmethod
    def sides(work):
        return {table.OURS: work.ours(), **work.others()}

    def x(self, ratio):
        return self.left + ratio / self.most * (self.width - self.left - self.right)

    def inside(self):
        bottom = self.height - 30
        step = 1 if self.most < 8 else 2 if self.most < 16 else 5
        parts = [f'<text x="4" y="18" class="title">{html.escape(self.title)}</text>']
        for ratio in range(0, int(self.most) + 1, step):
            parts.append(f'<path d="M{self.x(ratio):.1f} 30V{bottom}" class="grid"/>'
                         f'<text x="{self.x(ratio):.1f}" y="{bottom + 16}" class="tick middle">{ratio}</text>')
        parts.append(f'<text x="{self.width - 4}" y="{bottom + 16}" class="tick end">times ours</text>')
        y = 30
        for work in self.works:
            parts.append(f'<text x="4" y="{y + 20}">{html.escape(table.text_of(work))}</text>')
            y += self.gap
            for name, row in self.sides(work).items():
                ratio = row["min_s"] / work.ours()["min_s"]
                said = milliseconds(row["min_s"]) + ("" if name == table.OURS else f", {ratio:.2f}")
                parts.append(f'<text x="{self.left - 6}" y="{y + 12}" class="tick end">{html.escape(name)}</text>'
                             f'<rect x="{self.left}" y="{y + 1}" width="{self.x(ratio) - self.left:.1f}" height="{self.row - 5}" '
                             f'class="bar {kind_of(name)}"/><text x="{self.x(ratio) + 5:.1f}" y="{y + 12}">{said}</text>')
                y += self.row
        return "".join(parts)

    def words(self):
        said = []
        for work in self.works:
            ratios = ", ".join(f"{name} {row['min_s'] / work.ours()['min_s']:.2f} times" for name, row in work.others().items())
            said.append(f"{table.text_of(work)}: {ratios}")
        return "Least time beside Residua's. " + "; ".join(said)


def milliseconds(seconds):
    return f"{1e3 * seconds:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def svg(chart):
    return (f'<svg viewBox="0 0 {chart.width} {chart.height}" role="img" aria-label="{html.escape(chart.words())}">{chart.inside()}</svg>')
