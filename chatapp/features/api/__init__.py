"""The REST API: every event as a request, and resources that can be read and changed by address."""
