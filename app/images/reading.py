"""A file as a phone sent it: what it is by its content, what it tells, and safe pictures made anew from it.

Runs only in the process of `app.images.worker`: what strangers send meets decoders written in C there.
"""

from __future__ import annotations

import hashlib
import io
from typing import Any

import pillow_heif
from PIL import ExifTags, Image, ImageCms, ImageFile, ImageOps

from app.domain import photo_facts
from app.domain.photos import PDF, PICTURES
from app.images.model import Facts, Limits, Reading, Refused

DISPLAY, THUMBNAIL = 2048, 320
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}

Image.MAX_IMAGE_PIXELS = None  # looked at here, before anything is decoded
ImageFile.LOAD_TRUNCATED_IMAGES = False
pillow_heif.register_heif_opener(thumbnails=False)


def read(content: bytes, limits: Limits) -> Reading:
    """Errors: Refused. What else a decoder may raise is the caller's to take for damage."""
    formats = _formats(content)
    sha256 = hashlib.sha256(content).hexdigest()
    if formats is None:
        if content.startswith(b"%PDF-") and b"%%EOF" in content[-1024:]:
            return Reading(Facts(PDF, sha256))
        raise Refused("file_damaged" if content.startswith(b"%PDF-") else "file_type_refused")
    with _opened(content, formats, limits) as whole:
        whole.verify()
    with _opened(content, formats, limits) as image:
        media_type = PICTURES[image.format or ""]
        turned = image.getexif().get(ExifTags.Base.Orientation, 1) in {5, 6, 7, 8}
        width, height = image.size[::-1] if turned else image.size
        told = _told(image)
        # JPEG can be decoded at an eighth to a whole of its size: only as large as is shown.
        image.draft("RGB", (DISPLAY, DISPLAY))
        display = _shown(image)
    thumbnail = display.copy()
    thumbnail.thumbnail((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS)
    facts = Facts(media_type, sha256, width, height, _hash(thumbnail), **told)
    return Reading(facts, _jpeg(display, 82), _jpeg(thumbnail, 78))


def _formats(content: bytes) -> tuple[str, ...] | None:
    """The only decoders that may look at it, by its first bytes; None: no picture we take."""
    if content.startswith(b"\xff\xd8\xff"):
        return ("JPEG", "MPO")
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return ("PNG",)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return ("WEBP",)
    if content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS:
        return ("HEIF",)
    return None


def _opened(content: bytes, formats: tuple[str, ...], limits: Limits) -> Image.Image:
    """Its header read, nothing decoded."""
    image = Image.open(io.BytesIO(content), formats=formats)
    width, height = image.size
    if width * height > limits.pixels or max(width, height) > limits.side:
        raise Refused("image_too_large")
    return image


def _told(image: Image.Image) -> dict[str, Any]:
    """Where and when, as far as it says and can be believed; odd tags are no reason to refuse a photo."""
    try:
        exif = image.getexif()
        camera, gps = exif.get_ifd(ExifTags.IFD.Exif), exif.get_ifd(ExifTags.IFD.GPSInfo)
        first, offset = ExifTags.Base.DateTimeOriginal, ExifTags.Base.OffsetTimeOriginal
        moment = photo_facts.taken_at(camera.get(first), camera.get(offset))
        moment = moment or photo_facts.taken_at(exif.get(ExifTags.Base.DateTime), camera.get(ExifTags.Base.OffsetTime))
        place = photo_facts.point(gps) or (None, None)
    except Exception:  # noqa: BLE001  # whatever the parser makes of nonsense
        return {}
    return {"taken_at": moment.isoformat() if moment else None, "longitude": place[0], "latitude": place[1]}


def _shown(image: Image.Image) -> Image.Image:
    """Upright, no larger than is shown, in plain sRGB, and without anything else that came with it."""
    image.thumbnail((DISPLAY, DISPLAY), Image.Resampling.LANCZOS, reducing_gap=2.0)
    upright = _plain_colours(ImageOps.exif_transpose(image), image.info.get("icc_profile"))
    clean = Image.new("RGB", upright.size, "white")
    clean.paste(upright, mask=upright.getchannel("A") if upright.mode == "RGBA" else None)
    return clean


def _plain_colours(image: Image.Image, profile: bytes | None) -> Image.Image:
    if image.mode.startswith("I"):
        # 16 bits of grey; Pillow would cut off what is above 8.
        image = image.convert("I").point(lambda grey: grey / 257).convert("L")
    transparent = image.mode in {"RGBA", "LA", "PA", "RGBa", "La"} or "transparency" in image.info
    plain = image if image.mode == "CMYK" else image.convert("RGBA" if transparent else "RGB")
    if profile and plain.mode in {"RGB", "CMYK"}:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            managed = ImageCms.profileToProfile(plain, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            managed = None
        if managed is not None:
            return managed
    return plain.convert("RGB") if plain.mode == "CMYK" else plain


def _hash(image: Image.Image) -> int:
    size = (photo_facts.HASH_WIDTH, photo_facts.HASH_HEIGHT)
    small = image.convert("L").resize(size, Image.Resampling.LANCZOS)
    return photo_facts.difference_hash(list(small.tobytes()))


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
    return out.getvalue()
