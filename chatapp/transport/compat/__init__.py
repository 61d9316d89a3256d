"""The API of Flask-SocketIO and python-socketio on our transport, for code written for them.

Everything that depends on these libraries is in this folder. It is imported only when
`app.extensions["socketio"]` is used; the transport works without it.
"""
