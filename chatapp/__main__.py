"""`python -m chatapp` is `chatapp`."""

from chatapp.cli import main

main(prog_name="chatapp")
