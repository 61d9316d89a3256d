"""How the command line reaches a running server: a socket in the data folder.

Who may write into the data folder may do everything to it anyway, so the socket asks for
no password: the folder is its owner's only (mode 0700).

    → {"command":"user.role","arguments":{"name":"ana","role":"admin"}}\\n
    ← {"ok":true,"value":null}\\n
    ← {"ok":false,"error":{"code":"not_found","message":"…"}}\\n
"""
