"""HTTP: requests, answers, budgets and repetition."""
