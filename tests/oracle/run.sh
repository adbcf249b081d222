#!/usr/bin/env bash
# Compares Uzor's ruCLIP with the original packages: bash tests/oracle/run.sh [--pin]
# The original (ruclip 0.0.2, youtokentome 1.0.6, huggingface-hub 0.25.2) lives in .parity, an environment of its own
# that is made when it is absent; it needs a C++ compiler and Python's headers. torch, torchvision, numpy and Pillow are
# taken from the app's environment, which stands behind .parity's own packages on the path (original.py checks that).
# --pin also rewrites tests/golden/ruclip with what the original says.
set -euo pipefail
cd "$(dirname "$0")/../.."
app="${VENV:-.venv}"
own=.parity
out=build/parity
export HF_HUB_OFFLINE=1 PYTHONDONTWRITEBYTECODE=1

if [ ! -f "$own/ready" ]; then
  command -v g++ >/dev/null || { echo "make parity needs g++ (apt-get install g++ python3-dev)" >&2; exit 1; }
  rm -rf "$own"
  "$app/bin/python" -m venv "$own"
  pip=("$own/bin/python" -m pip install --quiet --disable-pip-version-check)
  "${pip[@]}" cython setuptools wheel
  "${pip[@]}" --no-build-isolation youtokentome==1.0.6
  "${pip[@]}" click tqdm more-itertools huggingface-hub==0.25.2
  "${pip[@]}" --no-deps ruclip==0.0.2
  packages=$("$own/bin/python" -c "import sysconfig; print(sysconfig.get_path('purelib'))")
  "$app/bin/python" -c "import sysconfig; print(sysconfig.get_path('purelib'))" >"$packages/zz-behind.pth"
  touch "$own/ready"
fi

rm -rf "$out"
mkdir -p "$out"
"$app/bin/python" tests/oracle/inputs.py "$out"
"$own/bin/python" tests/oracle/original.py "$out"
"$app/bin/python" tests/oracle/compare.py "$out" "$@"
