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

ONLY_TLS = "max-age=31536000"
"""Who has come over TLS once comes over TLS for a year. Not for subdomains: they are not ours."""


def send_safe_headers(app: Flask) -> None:
    app.after_request(_add_headers)


def _add_headers(response: Response) -> Response:
    """Static files are asked for again by their ETag (Flask's default); pages are not kept."""
    for name, value in SAFE_HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", ONLY_TLS)
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response
