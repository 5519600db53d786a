"""The page of the OpenAPI document: Swagger UI, from our own origin.

The files are those of the package swagger-ui-dist, unchanged, with its licences beside
them.  They are under the guard of the document.  Nothing of a browser's own carries a
bearer token, so in production whoever opens the page has to have the header put on each
request, as an extension does: that covers the page and its files alike.
"""

from pathlib import Path
from typing import Final

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.plugins import SwaggerRenderPlugin

PATH: Final = "/schema"
CACHE: Final = "cache"  # the name under which a route says how long it may be kept
# The pinned version is in the path, so that a browser may keep what it has.
FOLDER: Final = "swagger-ui-5.35.0"
ASSETS: Final = Path(__file__).with_name("assets") / FOLDER
SCRIPT: Final = "swagger-ui-bundle.js"
PRESET: Final = "swagger-ui-standalone-preset.js"  # the plugin's page asks for it
STYLES: Final = "swagger-ui.css"
MEDIA_TYPES: Final = {
    SCRIPT: "text/javascript",
    PRESET: "text/javascript",
    STYLES: "text/css",
}
# Only for the browser that asked: in production the files are for admins.
KEPT_FOR_A_YEAR: Final = "private, max-age=31536000, immutable"
# The plugin writes the document into the page, in a script without a file.
PAGE_CSP: Final = (
    "default-src 'none'; base-uri 'none'; connect-src 'self'; form-action 'none'; "
    "frame-ancestors 'none'; img-src 'self' data:; script-src 'self' 'unsafe-inline'; "
    "style-src 'self'"
)


def _serve(name: str) -> HTTPRouteHandler:
    media_type = MEDIA_TYPES[name]

    @get(
        f"/{FOLDER}/{name}",
        media_type=media_type,
        opt={CACHE: KEPT_FOR_A_YEAR},
        sync_to_thread=True,
    )
    def file() -> Response[bytes]:
        return Response((ASSETS / name).read_bytes(), media_type=media_type)

    return file


def asset_routes() -> list[HTTPRouteHandler]:
    """Return the routes of the page's files, under the path of the document."""
    return [_serve(name) for name in MEDIA_TYPES]


def swagger_page() -> SwaggerRenderPlugin:
    """Return the page, which loads only what `asset_routes` serve."""
    ours = f"{PATH}/{FOLDER}"
    return SwaggerRenderPlugin(
        js_url=f"{ours}/{SCRIPT}",
        css_url=f"{ours}/{STYLES}",
        standalone_preset_js_url=f"{ours}/{PRESET}",
        favicon='<link rel="icon" href="data:,">',
        style="",
    )
