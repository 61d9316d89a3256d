"""The console's answers to what admins ask first."""

from collections.abc import Callable
from pathlib import Path

from flask import Blueprint, render_template, request

from chatapp.admin.help import BOT, server_commands
from chatapp.admin.views.overview import ServerStatus
from chatapp.features.settings.manager import SettingsManager


def add_help_page(
    admin: Blueprint, settings: SettingsManager, status: Callable[[], ServerStatus], data: Path
) -> None:
    @admin.get("/help")
    def help_page() -> str:
        address = request.host_url.rstrip("/")
        return render_template(
            "admin/help.html",
            commands=server_commands(data),
            settings=settings.now,
            data=data,
            several=bool(status().nodes),
            address=address,
            bot=BOT.format(address=address),
        )
