"""Every page knows what the place is called, and how it welcomes."""

from flask import Flask

from chatapp.settings.manager import SettingsManager


def show_place(app: Flask, settings: SettingsManager) -> None:
    """`place` in templates."""
    app.context_processor(lambda: {"place": settings.now})
