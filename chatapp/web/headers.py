"""Security headers.

Everything a page loads comes from this server, and no page has inline script or style,
so the policy can be as short as this. `'self'` covers the WebSocket too (CSP level 3).
"""

from flask import Flask, Response, request

from chatapp.web.file_answers import is_file

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
"""Headers for scripts, styles, fonts and manifests; the others only matter for pages. These files
are many and small, and all headers would double their size."""
FILES = ("text/javascript", "text/css", "font/", "application/json")
UNNEEDED = ("Content-Disposition", "Last-Modified", "Accept-Ranges")
"""Headers that Flask adds to a file in addition to its ETag."""

HSTS = "max-age=31536000"
"""After one visit over TLS, browsers use TLS for a year. Subdomains are not ours to decide on."""


def send_safe_headers(app: Flask) -> None:
    app.after_request(_add_headers)


def _add_headers(response: Response) -> Response:
    """Browsers revalidate static files by their ETag (Flask's default) and do not store pages."""
    is_no_page = is_file(request) and (response.mimetype or "").startswith(FILES)
    for name in FILE_HEADERS if is_no_page else SAFE_HEADERS:
        response.headers.setdefault(name, SAFE_HEADERS[name])
    for name in UNNEEDED if is_file(request) else ():
        response.headers.pop(name, None)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", HSTS)
    if not is_file(request):
        response.headers.setdefault("Cache-Control", "no-store")
    return response
