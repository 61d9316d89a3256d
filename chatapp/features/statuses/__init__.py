"""What people say of themselves for a while, such as that they are out of office."""
