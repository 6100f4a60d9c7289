"""The one way to speak HTTP: bounded in time and size, and silent about secrets.

Called from threads of our own only, for it waits; and only for what the user turned on. An
error names the host that did not answer as hoped, never what was asked of it or with which
key.
"""

from ocarbon_magic.fetch.asking import fetch, fetch_json
from ocarbon_magic.fetch.error import FetchError
from ocarbon_magic.fetch.exchange import Answer

__all__ = ["Answer", "FetchError", "fetch", "fetch_json"]
