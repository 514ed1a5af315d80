"""Problems of uploads and of the photos they bring."""

from __future__ import annotations

from app.messages.model import Message
from app.messages.model import message as _m

MESSAGES: dict[str, Message] = {
    "checksum_algorithm_unknown": _m(
        400,
        "不支持的校验算法",
        "Unknown checksum algorithm",
        "Upload-Checksum 可用的算法：{known}。",
        "Upload-Checksum takes {known}.",
    ),
    "upload_offset_conflict": _m(
        409,
        "续传位置不符",
        "Not where the upload stands",
        "Upload-Offset 须等于服务器已收到的字节数（{offset}）；请先用 HEAD 查询后续传。",
        "Upload-Offset must be what has been received ({offset}); ask by HEAD and go on from there.",
    ),
    "photo_in_use": _m(
        409,
        "照片已被填报引用",
        "Named by a report",
        "已有填报引用这张照片，不能删除。",
        "A report names this photo; it stays.",
    ),
    "photo_not_ready": _m(
        409,
        "照片尚不可查看",
        "Not to be looked at",
        "照片状态为“{state}”，没有可查看的内容。",
        "The photo is {state}: there is nothing to look at.",
    ),
    "upload_expired": _m(
        410,
        "上传已过期",
        "Upload expired",
        "太久没有续传，已收到的部分已作废；请重新创建上传。",
        "Nothing came for too long and what had come is void; create the upload again.",
    ),
    "tus_version_unsupported": _m(
        412,
        "不支持的 tus 版本",
        "Unsupported tus version",
        "须带 Tus-Resumable: {version}。",
        "Send Tus-Resumable: {version}.",
    ),
    "upload_too_large": _m(
        413,
        "文件过大",
        "File too large",
        "单个文件最多 {limit} 字节。",
        "A file may have at most {limit} bytes.",
    ),
    "upload_overrun": _m(
        413,
        "超出声明的长度",
        "More than was announced",
        "发来的字节超出了声明的文件长度 {length}。",
        "These bytes go beyond the announced length of {length}.",
    ),
    "upload_quota_total": _m(
        413,
        "存储额度已满",
        "Storage quota used up",
        "本账号的文件合计最多 {limit} 字节。",
        "All files of an account may have at most {limit} bytes.",
    ),
    "image_too_large": _m(
        413,
        "图片尺寸过大",
        "Too many pixels",
        "图片像素超出上限，未予解码。",
        "The picture has more pixels than are decoded here.",
    ),
    "file_type_refused": _m(
        415,
        "不支持的文件类型",
        "Kind of file not taken",
        "按内容判断，只接受 JPEG、PNG、WebP、HEIC 图片和 PDF。",
        "By its content it is none of JPEG, PNG, WebP, HEIC and PDF.",
    ),
    "range_not_satisfiable": _m(
        416,
        "范围超出内容",
        "Range not satisfiable",
        "内容只有 {size} 字节。",
        "There are only {size} bytes.",
    ),
    "file_damaged": _m(
        422,
        "文件已损坏",
        "Damaged file",
        "文件不完整或已损坏，无法读取；请重新拍摄或重新发送。",
        "The file is incomplete or damaged and cannot be read; send it anew.",
    ),
    "upload_quota_day": _m(
        429,
        "今日上传额度已用完",
        "Upload quota of the day used up",
        "本账号每天最多上传 {limit} 字节，请明天再传。",
        "An account may upload at most {limit} bytes a day; go on tomorrow.",
    ),
    "checksum_mismatch": _m(
        460,
        "校验和不符",
        "Checksum mismatch",
        "收到的字节与 Upload-Checksum 不符，已丢弃；请重新发送这一段。",
        "The bytes that came do not match Upload-Checksum and were dropped; send them again.",
    ),
}
