"""The report of train: well-formed, named for those who do not see it, and with colours that can be told from what they stand on.

    report_check.py REPORT [evaluate]
"""

import re
import sys
import xml.etree.ElementTree as tree

of_evaluate = sys.argv[2:] == ["evaluate"]
text = open(sys.argv[1], encoding="utf-8").read()
problems = []


def expect(condition, what):
    if not condition:
        problems.append(what)


page = tree.fromstring(text)  # well-formed XML, each element closed
expect(page.get("lang") == "en", "a language of the page")
ids = [element.get("id") for element in page.iter() if element.get("id")]
expect(len(ids) == len(set(ids)), f"each id once, found {ids}")
for name in ("aria-labelledby", "aria-describedby"):
    for element in page.iter():
        for wanted in (element.get(name) or "").split():
            expect(wanted in ids, f"an element with the id {wanted}")

sections = ["Training", "Pictures", "Confusion", "How it was made", "Layers"]
if of_evaluate:
    sections = ["Confusion", "Pictures", "How it was made"]
expect([h.text for h in page.iter("h2")] == sections, f"the sections {sections}")
charts = list(page.iter("svg"))
expect(len(charts) == (0 if of_evaluate else 2), "two charts of training")
for chart in charts:
    words = "".join(chart.itertext())
    expect(chart.get("role") == "img" and chart.find("title").text and chart.find("desc").text, "a title and a description of a chart")
    expect("epochs" in words and "training" in words and "test" in words, "the words of a chart's axes and curves")
    _, _, width, height = (float(x) for x in chart.get("viewBox").split())
    for label in chart.iter("text"):
        if label.get("x"):
            expect(0 <= float(label.get("x")) <= width and 0 <= float(label.get("y")) <= height - 4, f"{label.text} inside the picture")
    ticks = [label.text for label in chart.iter("text") if label.get("class") == "tick" and label.text.isdigit()]
    expect(ticks and all(float(t).is_integer() for t in ticks), f"whole epochs, found {ticks}")
for image in page.iter("img"):
    expect(image.get("alt"), "a description of each picture")
tables = list(page.iter("table"))
expect(len(tables) == (2 if of_evaluate else 4), "a table of each kind")
for table in tables:
    expect(table.find("caption") is not None, "a caption of each table")
    expect(all(th.get("scope") in ("row", "col") for th in table.iter("th")), "the scope of each heading")
    rows = {len(list(row)) for part in table if part.tag != "caption" for row in part}
    expect(len(rows) == 1, f"rows of one length, found {rows}")

made = {row.find("th").text: "".join(row.find("td").itertext()) for row in tables[1 if of_evaluate else 2].iter("tr")}
wanted = ["command", "data", "threads", "weights", "version", "processor", "date"]
if not of_evaluate:
    wanted += ["augmentation", "optimizer", "seed", "memory"]
for name in wanted:
    expect(made.get(name), f"how it was made: {name}")


def luminance(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(2 * c for c in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    r, g, b = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(a, b):
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def tinted(paper, tint, share):
    base = paper[1:] if len(paper) == 7 else "".join(2 * c for c in paper[1:])
    under = [int(base[i : i + 2], 16) for i in (0, 2, 4)]
    over = [int(c) for c in tint.split()]
    return "#" + "".join(f"{round((1 - share) * u + share * o):02x}" for u, o in zip(under, over))


themes = re.findall(r":root\{(.*?)\}", text, re.DOTALL)
expect(len(themes) == 2 and "prefers-color-scheme:dark" in text, "a light and a dark theme")
strongest = max((float(share) for share in re.findall(r"--share:([0-9.]+)", text)), default=0)  # (of many classes there is no such table)
for theme in themes:
    colours = dict(re.findall(r"--([a-z-]+):([^;\n]+)", theme))
    for name in ("ink", "soft", "training", "test", "by-step", "right", "wrong"):
        found = contrast(colours[name], colours["paper"])
        expect(found >= 4.5, f"a contrast of 4.5 of {name}, found {found:.2f}")
    for name in ("ink", "soft"):
        expect(contrast(colours[name], colours["panel"]) >= 4.5, f"a contrast of {name} to the panels")
    for name in ("hit", "miss"):
        found = contrast(colours["ink"], tinted(colours["paper"], colours[name], strongest))
        expect(found >= 4.5, f"a contrast of 4.5 in a cell, {name}, found {found:.2f}")

for problem in problems:
    print(f"FAILED: expected {problem}")
sys.exit(1 if problems else 0)
