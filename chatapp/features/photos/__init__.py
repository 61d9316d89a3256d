"""The photos of people: what the page shows in place of the first letter of a name."""
