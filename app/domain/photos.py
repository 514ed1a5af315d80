"""What kinds of files a phone may send, and words for what becomes of them."""

from __future__ import annotations

from typing import Literal

PhotoState = Literal["uploading", "processing", "ready", "rejected"]
PhotoRefusal = Literal["file_type_refused", "file_damaged", "image_too_large"]

PICTURES = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "HEIF": "image/heic"}
"""The decoder's name → media type. The content of a file decides what it is."""
PDF = "application/pdf"
TAKEN = (*dict.fromkeys(PICTURES.values()), PDF)

LABELS: dict[str, dict[str, tuple[str, str]]] = {
    "photo_state": {
        "uploading": ("上传中", "Uploading"),
        "processing": ("处理中", "Being processed"),
        "ready": ("可查看", "Ready"),
        "rejected": ("已拒收", "Rejected"),
    },
    "photo_refusal": {
        "file_type_refused": ("不支持的文件类型", "Kind of file not taken"),
        "file_damaged": ("文件已损坏", "Damaged file"),
        "image_too_large": ("图片尺寸过大", "Too many pixels"),
    },
}
