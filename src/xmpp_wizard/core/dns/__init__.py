"""DNS as facts and decisions: which records are wanted, what was answered, and what that means for people."""
