"""Why the plan is as it is: common causes, source changes, sentences."""
