#!/bin/sh
# Makes the virtual environment $1 with any Python from 3.11 on; says what to do where that cannot be.
set -eu
venv=$1

new_enough='import sys; sys.exit(sys.version_info < (3, 11))'
found=
for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python; do
    if command -v "$name" >/dev/null 2>&1 && "$name" -c "$new_enough" 2>/dev/null; then
        found=$name
        break
    fi
done
if [ -z "$found" ]; then
    echo "Omnichannel needs Python 3.11 or newer, and found none. Install it, or name it: make run PYTHON=/path/to/python3" >&2
    exit 1
fi

has_pip() { [ -x "$venv/bin/python" ] && "$venv/bin/python" -c "import pip; $new_enough" 2>/dev/null; }
try() { "$found" -m venv "$venv" >/dev/null 2>&1 && has_pip; }

has_pip && exit 0
echo "Making $venv with $("$found" --version) …"
try && exit 0

# Debian and Ubuntu keep the part of Python that makes virtual environments in a package of its own.
package=$("$found" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
if command -v apt-get >/dev/null 2>&1; then
    for sudo in "" "sudo -n"; do
        if [ "$(id -u)" = 0 ]; then [ -z "$sudo" ]; else [ -n "$sudo" ] && command -v sudo >/dev/null; fi || continue
        echo "Installing $package …"
        if $sudo apt-get update -qq >/dev/null 2>&1 && $sudo env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends "$package" >/dev/null 2>&1; then
            rm -rf "$venv"
            try && exit 0
        fi
    done
fi
rm -rf "$venv"
echo "This Python cannot make virtual environments. On Debian or Ubuntu: sudo apt-get install $package" >&2
exit 1
