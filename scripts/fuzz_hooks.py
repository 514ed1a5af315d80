"""What Schemathesis has to be told of this API: pieces of uploads travel as they are."""

from __future__ import annotations

import schemathesis

schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
