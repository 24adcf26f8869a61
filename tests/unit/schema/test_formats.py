"""`infer.schema.formats`: the grammars are the standards', and what tells fast whether a string has a format tells what they do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infer.schema.formats import LOOKS, NAMES, check_of, format_of, has_format

TIMES = st.from_regex(
    r"\A(0000|2023|2024|1900|²024)-(0[0-9]|1[0-3])-(0[0-9]|[12][0-9]|3[0-2])[Tt ]?([01][0-9]|2[0-5]):[0-6][0-9]:[0-6][0-9](\.[0-9]{0,12})?([Zz]|[+-](0[0-9]|24):[0-6][0-9])?\n?\Z"
)


@pytest.mark.parametrize("name", NAMES)
@given(text=TIMES | st.text(max_size=5) | st.sampled_from(["4f5e2a9b-7c11-4d2e-8f00-0123456789ab", "ann@a.test", "::1", "10.0.0.1", "https://a.test/"]))
def test_checks_are_the_grammars(name: str, text: str) -> None:
    """Also of days that do not exist, leap days, and longer fractions."""
    assert bool(check_of(name)(text)) == has_format(text, name)


@given(text=st.from_regex(r"\A[0-9A-Ga-g²٣-]{8}-([0-9a-fA-F]{4}-){2,4}[0-9a-fA-F]{12}\n?\Z") | st.uuids().map(str) | st.text(max_size=40))
def test_looks_are_the_grammar(text: str) -> None:
    """Also of what is longer or shorter, has digits that are none of ASCII's, or ends a line."""
    for name, (table, looks) in LOOKS.items():
        assert (text.encode("utf-8", "surrogatepass").translate(table) == looks) == has_format(text, name)


OF = {
    "date-time": [  # RFC 3339, 5.8
        "1985-04-12T23:20:50.52Z", "1996-12-19T16:39:57-08:00", "1937-01-01T12:00:27.87+00:20", "1985-04-12t23:20:50z", "2024-02-29T00:00:00Z",
    ],
    "date": ["1985-04-12", "2024-02-29"],
    "uuid": ["f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6"],  # RFC 4122, 3
    "uri": [  # RFC 3986, 1.1.2
        "ftp://ftp.is.co.za/rfc/rfc1808.txt", "http://www.ietf.org/rfc/rfc2396.txt", "mailto:John.Doe@example.com", "tel:+1-816-555-1212",
        "urn:oasis:names:specification:docbook:dtd:xml:4.1.2", "wss://ann:x@a.test:8443/%7Eann?q=1#top", "https://a.test?q",
    ],
    "uri-template": [  # RFC 6570, 1.1 and 2.4
        "http://example.com/~{username}/", "http://example.com/dictionary/{term:1}/{term}", "http://example.com/search{?q,lang}",
        "http://www.example.com/foo{?list*}",
    ],
    "email": [  # RFC 5321, 4.5.3.1 and RFC 3696, erratum 1690: 254 octets at most, and 64 of them before the sign
        "ann@a.test", "ann.b+c@mail.a.test", "a" * 64 + "@a.test", "aa@" + ".".join(["b" * 62] * 4),
    ],
    "ipv4": ["192.0.2.255", "0.0.0.0"],
    "ipv6": ["2001:DB8:0:0:8:800:200C:417A", "FF01::101", "::1", "fe80::"],  # RFC 4291, 2.2
}  # fmt: skip
NONE = [
    "1985-04-12 23:20:50Z", "1985-04-12T24:00:00Z", "1985-04-31T00:00:00Z", "1985-04-12T23:20:50", "1985-04-12T23:20:50.Z",
    "2023-02-29", "1985-4-12",
    "f81d4fae7dec11d0a76500a0c91e6bf6", "f81d4fae-7dec-11d0-a765-00a0c91e6bfg", "f81d4fae-7dec-11d0-a765-00a0c91e6bf", "x" * 36,
    "http://a b", "http://a.test/%zz", "note: this", "http://a.test:port/", "https://a.test/[x]", "http://a.test/{", "http://a.test/{}",
    "http://a.test/{x:0}",
    "a" * 65 + "@a.test", "aa@" + ".".join(["b" * 62] * 4) + "c", "a@" + "b" * 64 + ".test", "ann@a", "ann@-a.test", "an n@a.test", "ann..b@a.test",
    "192.0.2.256", "192.0.02.1", "192.0.2", "192.0.2.1.1", ":::", "2001:db8::1::1", "12:30:45", "fe80::1%eth0", "::12345", "",
]  # fmt: skip


@pytest.mark.parametrize(("name", "text"), [(name, text) for name in OF for text in OF[name]])
def test_what_the_standards_show_has_their_format(name: str, text: str) -> None:
    """And no other."""
    assert [each for each in NAMES if has_format(text, each)] == [name]


@pytest.mark.parametrize("text", NONE)
def test_what_the_standards_refuse_has_none(text: str) -> None:
    """Be it ever so alike."""
    assert [each for each in NAMES if has_format(text, each)] == []


@given(data=st.data(), text=st.sampled_from([text for texts in OF.values() for text in texts]))
def test_a_string_has_the_same_format_whether_it_is_met_first_or_later(data: st.DataObject, text: str) -> None:
    """Digits of other scripts are none of any."""
    at = data.draw(st.integers(0, len(text)))
    odd = text[:at] + data.draw(st.sampled_from("0٢²９é\n:.{ ")) + text[at + data.draw(st.integers(0, 1)) :]
    assert [name for name in NAMES if check_of(name)(odd)] == [name for name in [format_of(odd)] if name]
