"""The gradebook: what was graded stays graded, what a person decided stays decided."""
