"""The command line: one small file for each command; stdout is data, stderr is narration."""
