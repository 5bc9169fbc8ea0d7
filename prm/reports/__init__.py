"""Reports: questions with a name, built, kept, shared and sent."""
