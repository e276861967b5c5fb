"""Packed files: gzip and zip are undone piece by piece in memory, and nothing is ever written to a disk."""

import fnmatch
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator

from connectors.errors import Malformed
from connectors.files.content import PIECE, Content, Meter, sliced
from connectors.protocols.listing import Broken
from schema.findings import Finding

GZIP, ZIP = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
MOST_MEMBERS = 10_000
_OTHERS = {b"7z\xbc\xaf": "7-Zip", b"Rar!": "RAR", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "zstd"}
_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError, ValueError)
_MACHINE_MADE = ("__MACOSX/", ".")


def unpacked(
    name: str, body: bytes, *, encoding: str | None = None, members: str = "*", archive: bool = True
) -> Iterator[Content | Broken]:
    """The content of a file, or of every member of a zip file whose name matches; members come in their order.

    What a file is, its first bytes say, not its name. `archive` is False for formats that are zip files themselves.
    Raises `Malformed` for damaged files and for those that grow without measure.
    """
    if body.startswith(GZIP):
        yield Content(name, _flat(name, _inflated(name, body)), encoding)
    elif archive and body.startswith(ZIP):
        yield from _members(name, body, encoding, members)
    else:
        yield Content(name, _flat(name, sliced(body), zipped=archive), encoding)


def _inflated(name: str, body: bytes) -> Iterator[bytes]:
    """What one gzip member after the other holds."""
    meter = Meter(name, len(body))
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as stream:
            while piece := stream.read1(PIECE):  # what stands before a damage is handed on
                meter.count(len(piece))
                yield piece
    except (OSError, EOFError, zlib.error) as error:
        raise Malformed(f"{name}: the gzip file is damaged or cut off ({error})") from None


def _flat(name: str, pieces: Iterator[bytes], *, zipped: bool = True) -> Iterator[bytes]:
    """The pieces, if they are not packed once more."""
    for number, piece in enumerate(pieces):
        if number == 0:
            kind = _packed_as(piece, zipped=zipped)
            if kind:
                raise Malformed(f"{name}: holds a {kind} file, which is not unpacked; pack text by gzip or zip, once")
        yield piece


def _packed_as(start: bytes, *, zipped: bool) -> str | None:
    if start.startswith(GZIP):
        return "gzip"
    if zipped and start.startswith(ZIP):
        return "zip"
    return next((kind for mark, kind in _OTHERS.items() if start.startswith(mark)), None)


def _members(name: str, body: bytes, encoding: str | None, wanted: str) -> Iterator[Content | Broken]:
    meter = Meter(name, len(body))
    try:
        archive = zipfile.ZipFile(io.BytesIO(body))
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError) as error:
        raise Malformed(f"{name}: the zip file is damaged ({error})") from None
    with archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        if len(infos) > MOST_MEMBERS:
            raise Malformed(f"{name}: more than {MOST_MEMBERS:,} files in one zip file")
        named = [(member_name(info), info) for info in infos]
        matching = [(member, info) for member, info in named if _matches(member, wanted)]
        if not matching:
            raise Malformed(f"{name}: no file in it is named {wanted}")
        for member, info in matching:
            why = _refusal(member, info) or _nested(name, archive, info)
            if why is not None:
                yield Broken(member, Finding("file.member", f"{name}: {member} is not read: {why}", found=member))
            else:
                yield Content(f"{name}/{member}", _read(f"{name}/{member}", archive, info, meter), encoding)


def member_name(info: zipfile.ZipInfo) -> str:
    """The name of a member; Chinese names that Windows wrote without saying so are GB18030."""
    if info.flag_bits & 0x800:
        return info.orig_filename
    try:
        return info.orig_filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return info.orig_filename


def _matches(member: str, wanted: str) -> bool:
    last = member.replace("\\", "/").rpartition("/")[2]
    if member.startswith(_MACHINE_MADE[0]) or last.startswith(_MACHINE_MADE[1]):
        return False
    return fnmatch.fnmatchcase(member if "/" in wanted else last, wanted)


def _refusal(member: str, info: zipfile.ZipInfo) -> str | None:
    steps = member.replace("\\", "/").split("/")
    if steps[0] in ("", "~") or ".." in steps or steps[0].endswith(":") or "\0" in member:
        return "its name leads out of the archive"
    if info.flag_bits & 0x1:
        return "it is encrypted"
    if info.external_attr >> 28 == 0xA:
        return "it is a link"
    return None


def _nested(name: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> str | None:
    """Why the beginning of a member cannot be read."""
    try:
        with archive.open(info) as member:
            kind = _packed_as(member.read(8), zipped=True)
    except NotImplementedError as error:
        return f"it is packed in an unusual way ({error})"
    except _DAMAGED as error:
        raise Malformed(f"{name}: the zip file is damaged ({error})") from None
    return f"it is a {kind} file inside of a zip file" if kind else None


def _read(name: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo, meter: Meter) -> Iterator[bytes]:
    try:
        with archive.open(info) as member:
            while piece := member.read(PIECE):
                meter.count(len(piece))
                yield piece
    except _DAMAGED as error:
        raise Malformed(f"{name}: the zip file is damaged ({error})") from None
