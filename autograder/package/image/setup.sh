#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the image: Python, and all that grading needs,
# in an environment that the students' processes may read too, hence outside of /root. No conda, no
# browser, no LaTeX.
#
# Settable: AUTOGRADER_ENV, where the environment goes; TORCH_INDEX, where else to look for torch,
# instead of what assignment.toml says (empty: nowhere else).
set -euo pipefail

source=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
environment=${AUTOGRADER_ENV:-/opt/autograder}
umask 022

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# Ubuntu 22.04 has 3.10 for its own use, and 3.11 beside it; newer systems have a newer one.
case $(apt-cache policy python3 | sed -n 's/ *Candidate: //p') in
    3.[0-9].* | 3.10.*) python=python3.11 ;;
    *) python=python3 ;;
esac
apt-get install -y -qq --no-install-recommends "$python" "$python-venv" ca-certificates
rm -rf /var/lib/apt/lists/*

"$python" -m venv "$environment"
pip() {
    "$environment/bin/python" -m pip --quiet --no-cache-dir --disable-pip-version-check "$@"
}
# torch alone, because the default index has builds for Linux that come with gigabytes of CUDA: only
# this package is looked for in PyTorch's own index, where the one for the processor is preferred.
index=${TORCH_INDEX-$("$python" -c '
import sys, tomllib
print(tomllib.load(open(sys.argv[1], "rb")).get("gradescope", {}).get("torch_index", ""))
' "$source/assignment.toml")}
pip install --no-deps ${index:+--extra-index-url "$index"} \
    "$(grep '^torch==' "$source/constraints.txt")"
pip install --constraint "$source/constraints.txt" "$source"/*.whl

# A third of it nothing here uses: the driver of a browser, which Otter would make PDFs with, C++
# headers, and the packages' own tests.
pip uninstall --yes playwright
packages=$("$environment/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
rm -rf "$packages"/torch/{include,test}
find "$packages" -type d -name tests -prune -exec rm -rf {} +

# Once, so that what it leaves for the next start (a list of fonts) is in the image. Building it is
# not the place to fail: a container may confine less while it is built.
AUTOGRADER_ROOT=$source "$environment/bin/autograder" doctor ||
    echo "setup.sh: the installation is complete, but see above." >&2
