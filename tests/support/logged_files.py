"""Files of messages, for tests of what does not look into them."""

from hashlib import sha256

from chatapp.domain.model import FileInfo


def a_file(name: str, type: str, content: bytes | None = None) -> FileInfo:
    """A file of this content, or of one of its own."""
    data = name.encode() if content is None else content
    digest = sha256(data).hexdigest()
    return FileInfo(id=digest[:22], name=name, type=type, bytes=len(data), sha256=digest)
