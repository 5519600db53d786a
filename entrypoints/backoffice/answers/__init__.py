"""The admin API's answers, as far as the pages read them."""
