#!/bin/sh
# Prints the Python to set up with: the first that is 3.11 or newer and can make environments.
# A shell script, because this must work before there is a Python.

new_enough='import sys; assert sys.version_info >= (3, 11)'
complete="$new_enough; import ensurepip, venv"
bare=""
for python in ${PYTHON:+"$PYTHON"} python3 python3.14 python3.13 python3.12 python3.11 python; do
    "$python" -c "$complete" 2>/dev/null && echo "$python" && exit
    "$python" -c "$new_enough" 2>/dev/null && bare="$python"
done

if [ "$bare" ]; then
    echo "$bare lacks the venv module: install it (on Debian and Ubuntu the package" \
        "python3-venv), then run make again." >&2
else
    echo "There is no Python 3.11 or newer: install one, or name it with" \
        "make PYTHON=/path/to/python3, then run make again." >&2
fi
exit 1
