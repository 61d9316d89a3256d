"""The bytes of uploaded files, by their SHA-256: in a folder, or in an S3 bucket.

What files are, who may read them and when they go is in features/files/. The adapter that keeps
them in PostgreSQL is in cluster/.
"""
