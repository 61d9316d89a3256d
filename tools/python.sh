#!/bin/sh
# Prints the Python to set up with: the first that is 3.11 or newer and can make environments.
# A shell script, because this must work before there is a Python.

too_bare=""
for python in ${PYTHON:+"$PYTHON"} python3 python3.14 python3.13 python3.12 python3.11 python; do
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
    "$python" -c 'import ensurepip, venv' 2>/dev/null && echo "$python" && exit
    too_bare="$python"
done

if [ "$too_bare" ]; then
    echo "$too_bare lacks the venv module: install it (on Debian and Ubuntu the package" \
        "python3-venv), then run make again." >&2
else
    echo "There is no Python 3.11 or newer: install one, or name it with" \
        "make PYTHON=/path/to/python3, then run make again." >&2
fi
exit 1
