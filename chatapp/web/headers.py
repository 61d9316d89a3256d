"""Headers that keep a page to itself.

Everything a page loads comes from this server, and no page has inline script or style,
so the policy can be as short as this. `'self'` covers the WebSocket too (CSP level 3).
"""

from flask import Flask, Response, request

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)

SAFE_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

FILE_HEADERS = ("X-Content-Type-Options",)
"""What matters for a script, a style or a font: the rest is for what opens as a page. There are
many of them, and small: their headers would weigh as much as they do."""
FILES = ("text/javascript", "text/css", "font/")
FILE_ENDPOINTS = ("static", "sheets", "modules")
FORGETTABLE = ("Content-Disposition", "Last-Modified", "Accept-Ranges")
"""What Flask says of a file beside its ETag."""

ONLY_TLS = "max-age=31536000"
"""Who has come over TLS once comes over TLS for a year. Not for subdomains: they are not ours."""


def send_safe_headers(app: Flask) -> None:
    app.after_request(_add_headers)


def _add_headers(response: Response) -> Response:
    """Static files are asked for again by their ETag (Flask's default); pages are not kept."""
    is_file = (response.mimetype or "").startswith(FILES)
    for name in FILE_HEADERS if is_file else SAFE_HEADERS:
        response.headers.setdefault(name, SAFE_HEADERS[name])
    for name in FORGETTABLE if is_file else ():
        response.headers.pop(name, None)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", ONLY_TLS)
    if request.endpoint not in FILE_ENDPOINTS:
        response.headers.setdefault("Cache-Control", "no-store")
    return response
