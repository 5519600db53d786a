import re

from tests.house.repository import texts

# Written so that this file does not match itself.
INDEX_HOSTS = re.compile(
    r"py[p]i\.org|pythonhoste[d]\.org|npmj[s]\.org|deb\.debia[n]\.org"
    r"|index-ur[l]|proxy\.golan[g]|yarnpk[g]\.com"
)
LEFT_FOR_LATER = re.compile(r"\b(TOD[O]|FIXM[E])\b")
MOST_LINES = 400
# Taken over from a package as it is: a test compares it with its checksum.
VENDORED = re.compile(
    r"^entrypoints/http/assets/swagger-ui-[\d.]+/swagger-ui-bundle\.js$"
)
GENERATED = re.compile(
    r"^(requirements/.*\.txt|.*package-lock\.json|docs/reference/.*\.md)$"
)


def test_no_file_names_an_index_host() -> None:
    assert [name for name, text in texts() if INDEX_HOSTS.search(text)] == []


def test_no_file_leaves_a_job_for_later() -> None:
    unfinished = [
        name
        for name, text in texts()
        if LEFT_FOR_LATER.search(text) and not VENDORED.match(name)
    ]
    assert unfinished == []


def test_no_file_is_too_long_to_read() -> None:
    too_long = [
        name
        for name, text in texts()
        if len(text.splitlines()) > MOST_LINES and not GENERATED.match(name)
    ]
    assert too_long == []


def test_the_checks_find_what_they_look_for() -> None:
    assert INDEX_HOSTS.search("https://" + "pypi" + ".org/simple")
    assert LEFT_FOR_LATER.search("# TO" + "DO later")
