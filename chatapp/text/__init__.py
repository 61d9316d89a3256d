"""Finds the parts of a text: links, mentions, room names, code, Markdown and search words.

Nothing here depends on rooms, people or files. static/js/lib has the same rules for the page, and
tests/text/*.json checks that both give the same answers.
"""
