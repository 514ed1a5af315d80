"""Every problem code: HTTP status, title and detail in Chinese and English.

`{name}` in a detail is filled from the error's params. Codes are part of the contract: never renamed.
"""

from app.messages import general, money, projects, ratings, reports, sync, uploads
from app.messages.fields import FIELD_MESSAGES
from app.messages.model import Message

CATALOGUE: dict[str, Message] = (
    general.MESSAGES
    | projects.MESSAGES
    | money.MESSAGES
    | ratings.MESSAGES
    | reports.MESSAGES
    | sync.MESSAGES
    | uploads.MESSAGES
)

__all__ = ["CATALOGUE", "FIELD_MESSAGES", "Message"]
