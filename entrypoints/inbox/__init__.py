"""The demo's mail server and a page to read what it caught; answers like Mailpit."""
