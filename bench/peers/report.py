"""From a table of run.sh, without measuring: prints README's tables (networks; layers by kind), and writes the page and README's picture.
   report.py build/peers/results/peers.csv [--page FILE] [--picture FILE]"""
import argparse
import pathlib

import page
import picture
import table


def kind_of(work):
    """What layers are put together as: the window, and one image or several."""
    channels, _, filters, window, stride = map(int, work.subject.split("-")[1:])
    images = "one image" if work.batch == 1 else "a batch"
    if window == 1:
        return f"1×1, {images}"
    if stride == 1 and min(channels, filters) >= 16:
        return f"3×3, {images}"
    return f"strides and stems, {images}"


def networks(works):
    names = [name for name in dict.fromkeys(name for work in works for name in work.timed) if name != table.EXACT]
    print(f"| milliseconds, least (median) | {' | '.join(names)} | best of others / ours |\n|---|{'---|' * (len(names) + 1)}")
    for work in works:
        cells = []
        for name in names:
            row = work.timed.get(name)
            cells.append(f"{1e3 * row['min_s']:.3g} ({1e3 * row['median_s']:.3g})" if row else "–")
        ratio = work.times_faster()
        print(f"| {table.text_of(work)} | {' | '.join(cells)} | {f'{ratio:.2f}' if ratio else '–'} |")


def layers(works):
    print("| GFLOP/s, geometric mean of layers | forward: ours, oneDNN, PyTorch | both gradients: ours, oneDNN, PyTorch |\n|---|---|---|")
    passes_of = {}
    for work in works:
        if work.ours():
            passes_of.setdefault((work.subject, work.batch), set()).add(work.which)
    works = [work for work in works if {"forward", "gradients"} <= passes_of.get((work.subject, work.batch), set())]
    for kind in sorted(dict.fromkeys(map(kind_of, works)), key=lambda kind: kind.endswith("one image")):
        cells, count = [], 0
        for which in ("forward", "gradients"):
            chosen = [work for work in works if kind_of(work) == kind and work.which == which and work.ours()]
            count = max(count, len(chosen))
            speeds = []
            for rows in ([work.ours() for work in chosen], [work.best_of("oneDNN") for work in chosen],
                         [work.best_of("PyTorch") for work in chosen]):
                mean = table.geometric_mean(row["gflops"] for row in rows if row)
                speeds.append(f"{mean:.3g}" if mean else "–")
            cells.append(", ".join(speeds))
        print(f"| {kind} ({count} layers) | {' | '.join(cells)} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=pathlib.Path)
    parser.add_argument("--page", type=pathlib.Path)
    parser.add_argument("--picture", type=pathlib.Path)
    options = parser.parse_args()
    rows = table.load(options.table)
    if options.page:
        options.page.write_text(page.page(rows), encoding="utf-8")
    if options.picture:
        options.picture.write_text(picture.picture(rows), encoding="utf-8")
    works = table.compared(rows)
    networks([work for work in works if not work.is_layer and work.timed])
    print()
    layers([work for work in works if work.is_layer and work.timed])


main()
