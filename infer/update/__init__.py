"""New observations into a document that a person edited; what they do not concern keeps its bytes."""
