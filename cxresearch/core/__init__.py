"""What everything stands on: checks of arguments, results, languages, files on disk."""
