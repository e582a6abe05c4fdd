"""The settings of a project folder, checked."""
