"""FastAPI works out anew for every request which query parameters are lists; here it remembers.

What a parameter is follows from its annotation alone. For a list with its twenty-five filters the question cost a
quarter of the answer's time.
"""

from __future__ import annotations

from collections.abc import Callable

from fastapi.dependencies import utils


def remembered(asked: Callable[[object], bool]) -> Callable[[object], bool]:
    """The same function with a memory. By identity: not every annotation can be hashed."""
    # The annotation is kept beside its answer, so that no other can ever get its id.
    known: dict[int, tuple[object, bool]] = {}

    def answer(annotation: object) -> bool:
        found = known.get(id(annotation))
        if found is None:
            found = known[id(annotation)] = (annotation, asked(annotation))
        return found[1]

    return answer


def remember() -> None:
    """Once per process."""
    if not hasattr(utils, "diaodu_remembers"):
        asked = "field_annotation_is_sequence"
        setattr(utils, asked, remembered(getattr(utils, asked)))
        setattr(utils, "diaodu_remembers", True)  # noqa: B010  # no member of the module's own: types know none
