from app.schemas.base import Out


class Health(Out):
    status: str


class Key(Out):
    kty: str
    crv: str
    x: str
    y: str
    kid: str
    use: str
    alg: str


class KeySet(Out):
    keys: list[Key]
