"""Raw frames as compressed chunks: each input's counts as differences in time, then zlib.

A chunk, little-endian, before compression:

    | b"Q1"   | inputs | flags | first stamp | frames | steps of the stamps    | counts, input after input    |
    | 2 bytes | uint8  | uint8 | float64, s  | uint32 | uint32[frames - 1], us | int16[frames], differences   |

Counts are of 125 uV, the step of an ADS1115 at 4.096 V, so what it read comes back exactly; -32768 means absent.
With flag 1 the middles of the conversions follow as int16 of 10 us before the frame's stamp, -32768 for unknown.
"""

import struct
import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from qlmat.core.model import Frame
from qlmat.errors import StoreError

VOLTS_A_COUNT = 4.096 / 32768  # PGA 1 on 16 bits, as all drivers here read: ADC facts
ABSENT = -32768
BEFORE_S = 1e-5  # unit of the conversions' middles: an ADS1115 takes 1160 us for one
STAMP_S = 1e-6
SAMPLED = 1
LARGEST = 1 << 22  # bytes of an unpacked chunk; 60 s of 16 inputs at 1000 scans a second are under 4 MB
MOST_FRAMES = 100_000  # the same minute has 60,000; objects are larger than bytes
_HEAD = struct.Struct("<2sBBdI")
Int16 = npt.NDArray[np.int16]


def pack(frames: Sequence[Frame]) -> bytes:
    """Compress some frames of one board, in the order of their stamps; raises ValueError when there are none."""
    if not frames:
        raise ValueError("a chunk needs a frame")
    t_s = np.array([frame.t_s for frame in frames])
    counts = _counts(np.stack([frame.volts for frame in frames]) / VOLTS_A_COUNT)
    sampled = all(frame.sample_t_s is not None for frame in frames)
    steps = np.rint(np.diff(np.rint((t_s - t_s[0]) / STAMP_S))).astype("<u4")
    parts = [_HEAD.pack(b"Q1", counts.shape[1], SAMPLED * sampled, float(t_s[0]), len(frames)), steps.tobytes()]
    parts.append(_differences(counts))
    if sampled:
        middles_s = np.stack([frame.sample_t_s for frame in frames if frame.sample_t_s is not None])
        parts.append(_differences(_counts((t_s[:, None] - middles_s) / BEFORE_S)))
    return zlib.compress(b"".join(parts), 6)


def unpack(content: bytes) -> list[Frame]:
    """Give back the frames of a chunk; raises StoreError when it is not whole."""
    head, body = _opened(content)
    _, inputs, flags, first_s, frames = head
    size = 4 * (frames - 1) + 2 * frames * inputs * (2 if flags & SAMPLED else 1)
    if not 1 <= frames <= MOST_FRAMES or inputs < 1 or size != len(body):
        raise _damaged()
    steps = np.frombuffer(body, "<u4", frames - 1)
    t_s = first_s + STAMP_S * np.concatenate([[0], np.cumsum(steps, dtype=np.int64)])
    volts = _values(body, 4 * (frames - 1), frames, inputs) * VOLTS_A_COUNT
    volts.setflags(write=False)
    if not flags & SAMPLED:
        return [Frame(float(stamp_s), row) for stamp_s, row in zip(t_s, volts, strict=True)]
    middles_s = t_s[:, None] - BEFORE_S * _values(body, 4 * (frames - 1) + 2 * frames * inputs, frames, inputs)
    return [Frame(float(stamp_s), row, middle_s) for stamp_s, row, middle_s in zip(t_s, volts, middles_s, strict=True)]


def merge(contents: Sequence[bytes]) -> bytes:
    """Make one chunk of several that follow one another; raises StoreError when one is not whole."""
    return pack([frame for content in contents for frame in unpack(content)])


def _counts(numbers: npt.NDArray[np.float64]) -> Int16:
    rounded = np.where(np.isnan(numbers), ABSENT, np.clip(np.rint(numbers), ABSENT + 1, 32767))
    return rounded.astype(np.int16)


def _differences(counts: Int16) -> bytes:
    """Write (frames, inputs) input after input, each count as its difference from the one before, modulo 2^16."""
    padded = np.concatenate([np.zeros((1, counts.shape[1]), np.int16), counts])
    return np.ascontiguousarray(np.diff(padded, axis=0).T).astype("<i2").tobytes()


def _values(body: bytes, at: int, frames: int, inputs: int) -> npt.NDArray[np.float64]:
    differences = np.frombuffer(body, "<i2", frames * inputs, at).reshape(inputs, frames)
    counts = np.cumsum(differences, axis=1, dtype=np.int16).T
    return np.where(counts == ABSENT, np.nan, counts.astype(float))


def _opened(content: bytes) -> tuple[tuple[bytes, int, int, float, int], bytes]:
    try:
        unpacker = zlib.decompressobj()
        whole = unpacker.decompress(content, LARGEST)
        head = _HEAD.unpack_from(whole)
    except (zlib.error, struct.error) as error:
        raise _damaged() from error
    if head[0] != b"Q1" or not unpacker.eof or not np.isfinite(head[3]):
        raise _damaged()
    return head, whole[_HEAD.size :]


def _damaged() -> StoreError:
    return StoreError("a chunk of raw frames is damaged: it is left out; the rest of the session is unharmed")
