"""Mail over SMTP: letters in HTML and text, out of templates."""
