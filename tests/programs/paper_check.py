"""The report of paper and its pictures: well-formed, with text for those who do not see them, and nothing outside.

    paper_check.py REPORT PICTURE...
"""

import re
import sys
import xml.etree.ElementTree as tree

problems = []


def expect(condition, what):
    if not condition:
        problems.append(what)


text = open(sys.argv[1], encoding="utf-8").read()
page = tree.fromstring(text)  # well-formed XML, each element closed
expect(page.get("lang") == "en", "a language of the page")
expect([h.text for h in page.iter("h2")] == ["What to see", "Row by row", "Verdicts", "How it was made"], "four sections")
expect(not re.search(r"(href|src)=|url\(|@import", text), "nothing outside the page")
ids = [element.get("id") for element in page.iter() if element.get("id")]
expect(len(ids) == len(set(ids)), f"each id once, found {ids}")
pictures = [element for element in page.iter() if element.tag.endswith("svg")]
expect(len(pictures) == len(sys.argv) - 2, f"each picture in the report, found {len(pictures)}")

for name in sys.argv[2:]:
    picture = tree.parse(name).getroot()
    names = [element for element in picture if element.tag.endswith("title")]
    expect(picture.get("role") == "img" and len(names) == 1 and names[0].text, f"{name}: a title")
    width, height = map(float, picture.get("viewBox").split()[2:])
    for element in picture.iter():
        for across in ("x", "x1", "x2", "cx"):
            value = float(element.get(across, 0))
            expect(-1 <= value <= width + 1, f"{name}: {element.tag} within the picture, found {across}={value}")
        for down in ("y", "y1", "y2", "cy"):
            value = float(element.get(down, 0))
            expect(-1 <= value <= height + 1, f"{name}: {element.tag} within the picture, found {down}={value}")
        expect("nan" not in element.get("points", ""), f"{name}: points that are numbers")

for problem in problems:
    print(f"expected {problem}")
sys.exit(1 if problems else 0)
