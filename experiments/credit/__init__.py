"""Parts of `experiments.credit_assignment`: systems with their measurements and criteria."""
