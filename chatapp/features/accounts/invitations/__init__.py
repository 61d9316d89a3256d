"""Secret links: the first account, invitations, password resets."""
