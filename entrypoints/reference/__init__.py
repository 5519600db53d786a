"""What one looks up, written from the code: settings, errors, commands, states.

`python -m entrypoints.reference` writes the pages into `docs/reference`; a test fails
while they say anything else than the code, or something is not explained.
"""
