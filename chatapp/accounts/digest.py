"""What is kept of a secret in place of the secret."""

import hashlib


def digest(secret: str) -> str:
    """Looked up by digest, a secret cannot be guessed byte by byte from how long it takes."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
