"""The picture of README: forward and both gradients of the layers, and the networks, in one SVG that stands alone."""
import html

import chart
import table


def picture(rows):
    works = table.compared(rows)
    layers = [work for work in works if work.is_layer and work.ours()]
    charts = []
    for which in ("forward", "gradients"):
        of_pass = [work for work in layers if work.which == which]
        if of_pass:
            charts.append(chart.Roofline(of_pass, f"Layers, {table.PASSES[which]}"))
    bars = chart.Bars([work for work in works if not work.is_layer], "Networks: least time")
    left = max((one.width for one in charts), default=0)
    width = left + (20 + bars.width if bars.works else 0)
    head = 52
    height = head + max(sum(one.height for one in charts), bars.height if bars.works else 0) + 6

    row = rows[0]
    title = f"{row['processor']}, {row['threads']} thread{'' if row['threads'] == 1 else 's'}, float"
    sides = dict.fromkeys(table.label(row) for row in rows if row["status"] == "timed" and row["side"] not in (table.OURS, table.EXACT))
    kinds = [kind for kind in chart.NAMES if any(point[0] == kind for one in charts for point in one.points)]
    inside = f'<text x="4" y="18" class="title">{html.escape(title)}: Residua beside {html.escape(", ".join(sides))}</text>'
    inside += chart.legend(kinds, 4, 42)
    y = head
    for one in charts:
        inside += f'<svg x="0" y="{y}" width="{one.width}" height="{one.height}">{one.inside()}</svg>'
        y += one.height
    if bars.works:
        inside += f'<svg x="{left + 20}" y="{head}" width="{bars.width}" height="{bars.height}">{bars.inside()}</svg>'
    words = title + ". " + " ".join(one.words() for one in [*charts, bars])
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
            f'aria-label="{html.escape(words)}"><style>{chart.STYLE}</style><rect width="{width}" height="{height}" '
            f'style="fill:var(--paper)"/>{inside}</svg>\n')
