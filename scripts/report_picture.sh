#!/bin/sh
# Makes docs/report.png from the demo's report (or another), in a browser without a window: chromium.
#   scripts/report_picture.sh [REPORT]
set -eu
cd "$(dirname "$0")/.."
report=$(realpath "${1:-runs/demo/report.html}")
chromium --headless=new --no-sandbox --disable-gpu --hide-scrollbars --blink-settings=preferredColorScheme=1 --window-size=1180,1520 \
    --screenshot="$PWD/docs/report.png" "file://$report" 2>/dev/null
echo "docs/report.png: $(wc -c <docs/report.png) bytes"
