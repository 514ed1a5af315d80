from __future__ import annotations

from collections.abc import Awaitable
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Request, Response

from app.access import Actor
from app.contract import STATE_FORBIDS
from app.db import to_json
from app.deps import Db, Secret, Uow, permitted
from app.errors import AppError, invalid
from app.listing import MEDIA_TYPE
from app.routing import SecretRoute, UntracedRoute, api, spend
from app.schemas.ballots import BallotForm, BallotIn, BallotPaper, BallotPaperIn, BallotTaken, SignedPaper
from app.services import ballot_forms, ballot_papers, ballots

router = api("ratings")
router.route_class = SecretRoute
Rater = Annotated[Actor, permitted("ballots.write")]
T = TypeVar("T")
_ONE = "/rating-campaigns/{rating_campaign_id}"


class CastingRoute(UntracedRoute):
    """Whole ballots, which most are, are read by hand: FastAPI would cost a thousand answers more than all the rest."""

    async def at_once(self, request: Request) -> Response | None:
        if _credentials(request):
            return None
        try:
            campaign_id = UUID(request.path_params["rating_campaign_id"])
        except ValueError:
            return None
        state, ballot = request.app.state, await request.body()
        taken = await _metered(request, ballots.cast_whole(state.db, campaign_id, ballot, state.clock()))
        return None if taken is None else _told(taken)


casting_router = api("ratings")
casting_router.route_class = CastingRoute


@casting_router.post(
    _ONE + "/ballots",
    summary="投票 Cast a ballot",
    status_code=201,
    response_model=BallotTaken,
    responses={200: {"model": BallotTaken, "description": "The same again, or with a token a later revision"}},
)
async def cast_ballot(request: Request, db: Db, secret: Secret, rating_campaign_id: UUID, body: BallotIn) -> Response:
    """A whole ballot, cast without signing in: with a one-time `code`, or with a `token` (see `PUT …/ballot-paper`).

    Send no `Authorization` and no cookie: such a request is refused, so that no proxy ties the ballot to you.
    `answers`: department → indicator → option; whatever is left out is blank. The same ballot sent again, because the
    answer got lost, is a 200 and counts once.

    With a code it is final: codes pass through the hands of whoever gives them out, who must not be able to change what
    was cast. Anything but the same ballot again is refused (409 `ballot_final`).

    With a token it can be changed until closing: raise `revision` by one each time; an older one arriving late is
    refused (409 `ballot_superseded`), another content under the same revision too (409 `ballot_differs`). Your own
    department: 422 `own_department`.
    """
    if _credentials(request):
        raise invalid("Authorization", "credentials_not_wanted")
    casting = ballots.cast(db, secret, rating_campaign_id, body, request.app.state.clock())
    return _told(await _metered(request, casting))


def _credentials(request: Request) -> bool:
    return any(request.headers.get(name) for name in ("authorization", "x-api-key", "cookie"))


async def _metered(request: Request, casting: Awaitable[T]) -> T:
    """Guessing codes is metered by address, as guessing passwords is; and guessing what was cast with a known one."""
    try:
        return await casting
    except AppError as error:
        if error.code == "ballot_final" or any(one.code == "bad_ballot_credential" for one in error.errors):
            spend(request.scope, request.app.state.address_limiter, request.client.host if request.client else "")
        raise


def _told(taken: ballots.Taken) -> Response:
    said = {"revision": taken.revision, "departments": taken.departments, "answers": taken.answers}
    return Response(to_json(said), 201 if taken.new else 200, {"Cache-Control": "no-store"}, MEDIA_TYPE)


@router.get(_ONE + "/ballot-form", summary="评议表 Ballot form", response_model=BallotForm)
async def get_ballot_form(db: Db, rating_campaign_id: UUID) -> Response:
    """What a ballot can say: departments by group, indicators, options; and the keys papers are signed with.

    Needs no account, so that holders of codes can fill it in and everyone can see that all are given the same keys.
    """
    return Response(await ballot_forms.form(db, rating_campaign_id), media_type=MEDIA_TYPE)


@router.get(
    _ONE + "/ballot-paper", summary="我的评议票 Own ballot paper", response_model=BallotPaper, responses=STATE_FORBIDS
)
async def get_ballot_paper(uow: Uow, secret: Secret, rating_campaign_id: UUID, actor: Rater) -> BallotPaper:
    """Which electorate you rate for, which departments you may not rate (your own), and the key to blind under.

    Compare `key` with the one of the same `id` in `GET …/ballot-form`, asked for without signing in.
    """
    return await ballot_papers.paper(uow, secret, rating_campaign_id)


@router.put(
    _ONE + "/ballot-paper",
    summary="领取评议票 Have the ballot paper signed",
    response_model=SignedPaper,
    responses={201: {"model": SignedPaper, "description": "Signed"}},
)
async def put_ballot_paper(
    response: Response, uow: Uow, secret: Secret, rating_campaign_id: UUID, body: BallotPaperIn, actor: Rater
) -> SignedPaper:
    """One blind signature (RFC 9474, RSABSSA-SHA384-PSS-Deterministic) for each rater; docs/rating-secrecy.md has a
    client of 40 lines.

    The client draws 32 random bytes (`serial`), blinds them, sends `blinded` here, unblinds the answer and later casts
    `{key_id, serial, signature}` without signing in. The service has never seen `serial`, so it cannot know whose it
    is. The same `blinded` again gives the same signature (200); another one is refused (409 `ballot_paper_issued`).
    """
    signed, new = await ballot_papers.sign(uow, secret, rating_campaign_id, body)
    response.status_code = 201 if new else 200
    return signed
