#!/usr/bin/env bash
# Makes the virtual environment of the peers, beside this file.
set -euo pipefail
cd "$(dirname "$0")"
python3 -m venv .venv
.venv/bin/pip install --quiet -r requirements.txt
echo "now: swift build -c release && Benchmarks/peers/.venv/bin/python Benchmarks/peers/compare.py"
