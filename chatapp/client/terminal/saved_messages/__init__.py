"""What a person has saved for later: the commands of `chatapp chat`, and `chatapp saved`."""
