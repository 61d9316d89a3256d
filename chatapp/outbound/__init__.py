"""The only code that calls other hosts, for people who name them: link previews and webhooks.

Whoever gives the chat a URL must not reach what only the chat's own machine can reach. So a call
goes to public addresses only, resolves a name once and connects to just that address, follows no
redirect unchecked, and is limited in time and bytes. It runs in a process of its own.
"""
