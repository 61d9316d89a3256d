"""The connection from the command line to a running server: a socket in the data folder.

Anyone who can write to the data folder has full control anyway, so the socket needs no password:
only its owner can access the folder (mode 0700).

    → {"command":"user.role","arguments":{"name":"ana","role":"admin"}}\\n
    ← {"ok":true,"value":null}\\n
    ← {"ok":false,"error":{"code":"not_found","message":"…"}}\\n
"""
