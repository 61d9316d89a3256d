"""`python -m chatapp` is `chatapp`."""

from chatapp.cli.main import main

main(prog_name="chatapp")
