"""What a project folder says, checked."""
