"""The driver of bench/peers, on sides that compute nothing: it times who agrees, by turns, and names and refuses who does not.
   peers.py FOLDER-OF-THE-REPOSITORY"""
import csv
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

ROOT = pathlib.Path(sys.argv[1])
FAKE = ROOT / "tests" / "programs" / "fake_peer.py"
FORWARD, GRADIENTS, NETWORK = "conv-16-32-16-3-1/128/forward", "conv-16-32-16-3-1/128/gradients", "preact20/128/train"


def run(out, *options):
    command = [sys.executable, ROOT / "bench" / "peers" / "peers.py", "--ours", FAKE, "--out", out, *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    with open(out / "peers.csv", newline="") as file:
        rows = {(row["work"], row["side"]): row for row in csv.DictReader(file)}
    return done, rows, (out / "peers.html").read_text(encoding="utf-8")


def expect(true, what, done):
    if not true:
        sys.exit(f"{what}\n{done.stdout}{done.stderr}")


def side(name, *options):
    return ["--side", f"{FAKE} --name {name} {' '.join(options)}"]


def main(out):
    # All agree; one that is not there is named; a table and a page.
    done, rows, page = run(out, *side("oneDNN", "--seconds 0.2", f"--wrong {FORWARD}=9e-5"), *side("PyTorch", "--seconds 0.4"),
                           "--python", "/no/such/python", "--picture", out / "picture.svg")
    expect(done.returncode == 0, f"expected 0, found {done.returncode}", done)
    expect("missing: /no/such/python" in done.stdout, "who is missing is not named", done)
    expect(len(rows) == 3 * 3 + 2, f"expected 11 rows, found {len(rows)}", done)  # (Exact does layers alone; the deep one is left out)
    row = rows[FORWARD, "oneDNN"]
    expect(row["status"] == "timed" and float(row["min_s"]) == 0.2 and float(row["median_s"]) == 0.2, f"another row: {row}", done)
    expect(int(row["passes"]) == 10 and int(row["repetitions"]) == 10, f"expected 10 passes: {row}", done)
    expect(8e-5 < float(row["difference"]) < 1e-4, f"another difference: {row}", done)
    expect(abs(float(rows[FORWARD, "Residua"]["gflops"]) - 6.03979776) < 1e-5, "another speed", done)
    expect(page.count("<svg") == 4 and "best of others / ours" in page and "refused" not in page, "another page", done)
    for text in re.findall("<svg.*?</svg>", page):
        xml.etree.ElementTree.fromstring(text)
    xml.etree.ElementTree.parse(out / "picture.svg")
    said = subprocess.run([sys.executable, ROOT / "bench" / "peers" / "report.py", out / "peers.csv"], capture_output=True, text=True, check=False)
    expect("| PreActResNet-20, training step, 128 images | 100 (100) | 200 (200) | 400 (400) | 2.00 |" in said.stdout, "another table", said)

    # A part, added to the table.
    done, rows, _ = run(out, *side("oneDNN", "--seconds 0.3"), "--filter", "preact", "--deep", "--append", "--passes", "2")
    expect(done.returncode == 0 and len(rows) == 8 + 2 + 2, f"expected 12 rows, found {len(rows)}", done)
    expect(float(rows[NETWORK, "oneDNN"]["min_s"]) == 0.3 and (NETWORK, "PyTorch") not in rows, "rows are not replaced", done)

    # Who disagrees is not timed, and the others are; where nobody agrees nobody is.
    done, rows, page = run(out, *side("oneDNN", f"--wrong {FORWARD}=2e-4", f"--wrong {NETWORK}=nan", f"--fails {GRADIENTS}"),
                           *side("PyTorch", f"--wrong {NETWORK}=1"), "--passes", "2")
    expect(done.returncode == 1, f"expected 1, found {done.returncode}", done)
    expect(f"refused: {FORWARD}: oneDNN 1.2.3: y differs by 0.0002" in done.stdout, "who disagrees is not named", done)
    expect(f"refused: {GRADIENTS}: oneDNN 1.2.3: on purpose" in done.stdout, "who failed is not named", done)
    expect(rows[FORWARD, "oneDNN"]["status"] == "refused" and rows[FORWARD, "oneDNN"]["min_s"] == "", "timed all the same", done)
    expect(rows[FORWARD, "PyTorch"]["status"] == "timed" and rows[GRADIENTS, "Residua"]["status"] == "timed", "others are not timed", done)
    expect((NETWORK, "Residua") not in rows and rows[NETWORK, "oneDNN"]["status"] == "refused", "timed where nobody agrees", done)
    expect("Not timed" in page and "inf of the largest value" in page, "the page does not say what was refused", done)

    # Who ends is named, and the others go on.
    done, rows, _ = run(out, *side("oneDNN", f"--ends {GRADIENTS}"), "--passes", "2")
    expect(done.returncode == 1 and f"refused: {GRADIENTS}: oneDNN" in done.stdout, "who ended is not named", done)
    expect(rows[FORWARD, "oneDNN"]["status"] == "timed" and rows[NETWORK, "Residua"]["status"] == "timed", "others are not timed", done)


with tempfile.TemporaryDirectory() as folder:
    main(pathlib.Path(folder))
print("peers: ok")
