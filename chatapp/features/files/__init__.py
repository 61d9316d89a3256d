"""Files: uploading, keeping, attaching to messages, serving, listing."""
