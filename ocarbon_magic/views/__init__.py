"""What is seen. Importing this package tells `Run` how to show itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ocarbon_magic.run import Run

if TYPE_CHECKING:
    from collections.abc import Collection


def _show(run: Run, include: Collection[str] | None) -> dict[str, Any]:
    from ocarbon_magic.views.summary import bundle  # noqa: PLC0415 - when first shown

    return bundle(run, include)


Run.render_with(_show)
