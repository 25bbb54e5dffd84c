"""One page of HTML, which needs nothing else: networks, layers under the processor's roofs, every number, and how it was made."""
import html

import chart
import table

STYLE = """<style>
:root{--panel:#f4f6f9}@media(prefers-color-scheme:dark){:root{--panel:#1a212b}}
*{box-sizing:border-box}
body{font:16px/1.5 system-ui,sans-serif;margin:0;background:var(--paper);color:var(--ink)}
main{max-width:1120px;margin:0 auto;padding:1.5rem 1rem 3rem}
h1{font-size:1.9rem;line-height:1.2;margin:0 0 .3rem}
h2{font-size:1.3rem;margin:2.4rem 0 .8rem;padding-bottom:.25rem;border-bottom:1px solid var(--rule)}
p{margin:.4rem 0 .8rem;max-width:46rem}.lead{color:var(--soft)}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:.7rem;margin:1.2rem 0 0}
.figures div{background:var(--panel);border:1px solid var(--rule);border-radius:8px;padding:.6rem .8rem}
.figures dt{color:var(--soft);font-size:.85rem}.figures dd{margin:0;font-size:1.35rem;font-weight:600;line-height:1.3}
.figures dd small{display:block;font-size:.85rem;font-weight:400;color:var(--soft)}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:1.2rem}figure{margin:0}
.charts svg,.key{display:block;width:100%;height:auto}.key{max-width:520px}
.wide{overflow-x:auto;margin:.6rem 0}.wide:focus-visible{outline:2px solid var(--ours);outline-offset:2px}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--soft);padding-bottom:.4rem;position:sticky;left:0;max-width:calc(100vw - 2rem)}
th,td{padding:.2rem .65rem;text-align:right;border-bottom:1px solid var(--rule);white-space:nowrap}
th[scope=row],th:first-child{text-align:left}thead th{border-bottom:2px solid var(--rule);vertical-align:bottom}
tbody th{font-weight:500;position:sticky;left:0;background:var(--paper)}
.least{font-weight:600}.none{color:var(--soft)}
.made th{vertical-align:top;position:static}.made td{text-align:left;white-space:normal;overflow-wrap:anywhere}
code{font:.9em/1.4 ui-monospace,monospace}
@media(max-width:600px){svg text{font-size:15.5px}svg .title{font-size:16px}h1{font-size:1.5rem}main{padding:1rem .8rem 2rem}
.figures{grid-template-columns:repeat(2,1fr)}th,td{padding:.2rem .5rem}.made th{padding-left:0}tbody th{position:static}}
@media print{.wide{overflow:visible}figure,tr{break-inside:avoid}}
</style>"""


def labels_of(works):
    """Of the sides that were timed: ours first, then in their order."""
    return list(dict.fromkeys([table.OURS, *(name for work in works for name in work.timed)]))


def figures(works, row):
    def ratios(text, chosen):
        values = [work.times_faster() for work in chosen if work.times_faster()]
        if not values:
            return ""
        mean = table.geometric_mean(values)
        slower = sum(value < 1 for value in values)
        below = f"; slower in {slower}" if slower else ""
        return (f"<div><dt>{text}: best of the others / ours</dt><dd>{mean:.2f}<small>geometric mean of {len(values)}; {min(values):.2f} to "
                f"{max(values):.2f}{below}</small></dd></div>")

    return ('<dl class="figures">' + ratios("Layers", [work for work in works if work.is_layer])
            + ratios("Networks", [work for work in works if not work.is_layer])
            + f"<div><dt>FMA peak</dt><dd>{row['fma_peak_gflops']:.4g}<small>GFLOP/s, measured in this run</small></dd></div>"
            + f"<div><dt>Memory</dt><dd>{row['ram_gb_s']:.3g}<small>GB/s read, measured in this run</small></dd></div></dl>")


def numbers(works, caption, unit, value_of):
    """A table: a row a work, a column a side."""
    labels = labels_of(works)
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in labels)
    lines = []
    for work in works:
        least = min(work.timed.values(), key=lambda row: row["min_s"], default=None)
        cells = ""
        for name in labels:
            row = work.timed.get(name)
            refused = any(table.label(other) == name for other in work.refused)
            if row is None:
                cells += f'<td class="none">{"refused" if refused else "–"}</td>'
            else:
                cells += f'<td title="{html.escape(row["how"])}"{" class=least" if row is least else ""}>{value_of(row)}</td>'
        ratio = work.times_faster()
        cells += f"<td>{f'{ratio:.2f}' if ratio else '–'}</td>"
        lines.append(f'<tr><th scope="row">{html.escape(table.text_of(work))}</th>{cells}</tr>')
    return (f'<div class="wide" tabindex="0" role="region" aria-label="{html.escape(caption)}"><table><caption>{html.escape(caption)}</caption>'
            f'<thead><tr><th scope="col">{unit}</th>{head}<th scope="col">best of others / ours</th></tr></thead>'
            f"<tbody>{''.join(lines)}</tbody></table></div>")


def refusals(works):
    rows = [(work, row) for work in works for row in work.refused]
    if not rows:
        return ""
    def why(row):
        return "failed" if row["difference"] == "" else f"{row['difference']:.2g} of the largest value apart"

    items = "".join(f"<li>{html.escape(table.text_of(work))}: {html.escape(table.label(row))}, {why(row)}</li>" for work, row in rows)
    return f"<h2>Not timed</h2><p>Results did not agree with ours, or there were none:</p><ul>{items}</ul>"


def made(rows):
    def values(name):
        return ", ".join(dict.fromkeys(str(row[name]) for row in rows))

    versions = ", ".join(dict.fromkeys(f"{row['side']} {row['version']}" for row in rows if row["side"] not in (table.OURS, table.EXACT)))
    commands = "<br>".join(f"<code>{html.escape(command)}</code>" for command in dict.fromkeys(row["command"] for row in rows))
    differences = [row["difference"] for row in rows if row["status"] == "timed" and row["difference"] != ""]
    lines = [("Command", commands), ("Residua", html.escape(values("residua"))), ("Beside", html.escape(versions)),
             ("Processor", html.escape(values("processor"))), ("Threads", values("threads")), ("Turns of each side", values("passes")),
             ("Date", values("date"))]
    if differences:
        lines.append(("Results", f"compared before: at most {max(differences):.2g} of a tensor's largest value apart"))
    return '<table class="made">' + "".join(f'<tr><th scope="row">{name}</th><td>{text}</td></tr>' for name, text in lines) + "</table>"


def page(rows):
    works = table.compared(rows)
    layers = [work for work in works if work.is_layer and work.timed]
    networks = [work for work in works if not work.is_layer and work.timed]
    timed = [row for row in rows if row["status"] == "timed"]
    row = rows[-1]
    threads = f"{row['threads']} thread{'' if row['threads'] == 1 else 's'}"
    parts = ['<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
             f"<title>Residua beside others</title><style>{chart.STYLE}</style>{STYLE}</head><body><main><h1>Residua beside others</h1>"
             f'<p class="lead">{html.escape(row["processor"])}, {threads}, float. The same layers and networks from the same numbers, by turns; '
             "results were compared first. Figures are those of the least time.</p>", figures(works, row)]
    if networks:
        bars = chart.Bars(networks, "How many times as long as ours")
        if bars.works:
            middle = (len(networks) + 1) // 2
            halves = [networks] if len(networks) < 3 else [networks[:middle], networks[middle:]]
            drawn = [chart.Bars(half, "How many times as long as ours") for half in halves]
            for one in drawn:
                one.most = bars.most
            parts.append("<h2>Networks</h2><div class=charts>" + "".join(f"<figure>{chart.svg(one)}</figure>" for one in drawn if one.works) + "</div>")
        parts.append(numbers(networks, "Networks: milliseconds, the least and the median; the fastest is bold", "ms",
                             lambda row: f"{1e3 * row['min_s']:.4g} / {1e3 * row['median_s']:.4g}"))
    if layers:
        rooflines = [chart.Roofline(of_pass, text) for which, text in table.PASSES.items()
                     if (of_pass := [work for work in layers if work.which == which and work.ours()])]
        kinds = [kind for kind in chart.NAMES if any(point[0] == kind for one in rooflines for point in one.points)]
        parts.append("<h2>Layers</h2><p>FLOPs are those of the definition, padded taps included: Winograd's convolutions need fewer, and may lie "
                     "above the peak. Bytes are those of each tensor, once; what lies in a cache may be above memory's roof. Of several versions of one "
                     "library the fastest is drawn; the table has them all.</p>"
                     f'<svg class="key" viewBox="0 0 520 26" role="img" aria-label="Marks: filled circle Residua, ring Residua with direct kernels, '
                     f'triangle oneDNN, square PyTorch">{chart.legend(kinds, 4, 18)}</svg>'
                     "<div class=charts>" + "".join(f"<figure>{chart.svg(one)}</figure>" for one in rooflines) + "</div>")
        parts.append(numbers(layers, "Layers: GFLOP/s; the fastest is bold", "GFLOP/s", lambda row: f"{row['gflops']:.1f}"))
    parts += [refusals(works), "<h2>How it was made</h2>", made(timed or rows), "</main></body></html>\n"]
    return "".join(parts)
