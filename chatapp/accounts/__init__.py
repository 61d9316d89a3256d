"""Who people are: accounts, passwords, sign-in, the first admin."""
