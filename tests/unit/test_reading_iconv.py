"""GB18030 by the C library: the same text as Python's codec makes, or none."""

import random

import pytest

from sources.characters import assigned
from sources.reading import encoding, iconv

WORDS = ("凤城镇", "μg/m³", "，", "𠮷", "\ue78d", "12.5", "\n", ",", "é", "㎡")


def large(random_: random.Random) -> str:
    """Return a text of several parts, with characters that fall on their borders."""
    return "".join(random_.choices(WORDS, k=100_000))


def test_the_same_text_as_the_codec_makes() -> None:
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    text = large(random.Random(seed))
    found = iconv.utf8_of_gb18030(text.encode("gb18030"))
    if found is None:
        pytest.skip("no iconv here that agrees with the codec")
    assert found == assigned(text).encode()


@pytest.mark.parametrize("wrong", [b"\xff", b"\x81", b"\x81\x20", b"\x810\x81"])
def test_a_broken_text_is_left_to_the_codec(wrong: bytes) -> None:
    text = "凤城镇,12\n".encode("gb18030") * 200_000
    data = text + wrong + b"\n" + text
    assert iconv.utf8_of_gb18030(data) is None
    assert iconv.utf8_of_gb18030(data[: len(text) + len(wrong)]) is None
    found = encoding.decode(data)
    assert (found.encoding, found.replaced > 0) == ("gb18030", True)
    assert encoding.decode(text).data == ("凤城镇,12\n" * 200_000).encode()
