"""Drafts a project from an HR export and the schemas of its targets. What they do not state is asked, never guessed."""
