"""Start the chat: `python wsgi.py`. The same as `chatapp serve`, with the same options."""

from chatapp.serve import serve_command

if __name__ == "__main__":
    serve_command(prog_name="wsgi.py")
