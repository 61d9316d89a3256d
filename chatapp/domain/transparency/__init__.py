"""What a transparency log rests on: Merkle trees, signed checkpoints, and proofs of events."""
