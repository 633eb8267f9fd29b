"""Where a partner may have us send to: nowhere in our own net, however it is written and wherever its name leads."""

from __future__ import annotations

import asyncio
import ipaddress
import threading
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forkant_notifier.clients import pinned
from forkant_notifier.clients.pinned import Judge, Lookups, PinnedPoster
from forkant_notifier.domain.endpoint import LONGEST_URL, Endpoint, is_public, may_be_delivered_to, read_endpoint, shown
from forkant_notifier.domain.webhook_rules import read_webhook_rules
from forkant_notifier.domain.webhooks import Told
from forkant_notifier.settings import webhook_document
from forkant_shared.errors import Invalid
from tests.notifier.support.receiver import Receiver, certificate_for, receiver, trusting

RULES = read_webhook_rules(webhook_document())
QUICK = replace(RULES, timeout=timedelta(seconds=1), connect=timedelta(seconds=0.5))
HEADERS = {"webhook-id": "id-1", "content-type": "application/json"}

HOSTILE = [
    "http://hooks.partner.no/",
    "ftp://hooks.partner.no/",
    "file:///etc/passwd",
    "gopher://hooks.partner.no/",
    "//hooks.partner.no/",
    "hooks.partner.no",
    "javascript:alert(1)",
    "https://",
    "https:///path",
    "https://user@hooks.partner.no/",
    "https://user:word@hooks.partner.no/",
    "https://@hooks.partner.no/",
    "https://hooks.partner.no@127.0.0.1/",
    "https://hooks.partner.no#@127.0.0.1/",
    "https://hooks.partner.no/#x",
    "https://hooks.partner.no\\@127.0.0.1/",
    "https://hooks.partner.no:80/",
    "https://hooks.partner.no:22/",
    "https://hooks.partner.no:8500/",
    "https://hooks.partner.no:0/",
    "https://hooks.partner.no:99999/",
    "https://hooks.partner.no:x/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://127.0.1/",
    "https://0/",
    "https://0.0.0.0/",
    "https://0x7f.1/",
    "https://0x7f000001/",
    "https://0x/",
    "https://2130706433/",
    "https://017700000001/",
    "https://0177.0.0.1/",
    "https://127.0.0.0x1/",
    "https://127.0.0.1./",
    "https://10.0.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://192.168.1.1/",
    "https://93.184.215.14/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[fe80::1%25eth0]/",
    "https://[fd00::1]/",
    "https://[2606:2800:21f:cb07::1]/",
    "https://[v1.x]/",
    "https://[::1/",
    "https://localhost/",
    "https://LOCALHOST/",
    "https://localhost./",
    "https://a.localhost/",
    "https://printer.local/",
    "https://vault.internal/",
    "https://router.home.arpa/",
    "https://intranet/",
    "https://hidden.onion/",
    "https://hooks.partner.no../",
    "https://hooks..partner.no/",
    "https://.partner.no/",
    "https://-hooks.partner.no/",
    "https://hooks_x.partner.no/",
    "https://hooks%2epartner.no/",
    "https://%31%32%37.0.0.1/",
    "https://hooks.partner.no /",
    "https://hooks.partner.no/\r\nHost: 127.0.0.1",
    "https://hooks.partner.no/\t",
    "https://hooks.partner.no\u3002/",
    "https://①②⑦.0.0.1/",
    "https://hœks.partner.no/",
    "https://hooks.partner.no/æ",
    "https://" + "a" * 64 + ".no/",
    "https://hooks.partner.no/" + "a" * 500,
    "\x00https://hooks.partner.no/",
]


@pytest.mark.parametrize("url", HOSTILE)
def test_an_address_that_is_not_plainly_public_is_refused_with_its_field_and_a_remedy(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_endpoint(url, RULES)
    assert refused.value.field == "url"
    assert refused.value.remedy


@pytest.mark.parametrize(
    ("url", "host", "port", "target"),
    [
        ("https://hooks.partner.no", "hooks.partner.no", 443, "/"),
        ("https://HOOKS.Partner.NO./a/b?c=d", "hooks.partner.no", 443, "/a/b?c=d"),
        ("https://hooks.partner.no:8443/", "hooks.partner.no", 8443, "/"),
        ("HTTPS://xn--hks-1na.partner.no/", "xn--hks-1na.partner.no", 443, "/"),
        ("https://127.0.0.1.nip.io/", "127.0.0.1.nip.io", 443, "/"),
    ],
)
def test_a_public_address_is_read_in_its_parts(url: str, host: str, port: int, target: str) -> None:
    assert read_endpoint(url, RULES) == Endpoint("https", host, port, target)


def test_this_machine_is_reached_only_where_that_was_set_and_under_its_own_names() -> None:
    found = read_endpoint("http://127.0.0.1:8080/x", RULES, loopback=True)
    assert (found.host, found.port, found.loopback) == ("127.0.0.1", 8080, True)
    assert may_be_delivered_to("127.0.0.1", found, RULES)
    assert may_be_delivered_to("::1", found, RULES)
    assert not may_be_delivered_to("10.0.0.1", found, RULES)
    assert not may_be_delivered_to("nonsense", found, RULES)
    for url in ("http://hooks.partner.no/", "http://10.0.0.1/", "https://127.1/", "http://0.0.0.0/"):
        with pytest.raises(Invalid):
            read_endpoint(url, RULES, loopback=True)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.1.2.3", "172.16.0.1", "172.31.255.255"),
        *("192.168.0.1", "169.254.169.254", "100.64.0.1", "100.127.255.255", "100.100.100.200", "192.0.0.8"),
        *("192.0.2.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "192.88.99.1"),
        *("224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1"),
        *("64:ff9b::808:808", "64:ff9b:1::1", "100::1", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd12::1"),
        *("ff02::1", "2001::1", "2001:db8::1", "2002:7f00:1::1", "2002:808:808::1", "3fff::1", "5f00::1", "4000::1"),
        *("2606:4700::1%2", "", "127.1", "2130706433", "localhost", "8.8.8.8/32"),
    ],
)
def test_an_address_that_is_no_global_unicast_one_is_never_connected_to(address: str) -> None:
    assert not is_public(address, RULES)


@pytest.mark.parametrize("address", ["8.8.8.8", "193.212.1.10", "2606:4700::6810:85e5", "2a01:798::1"])
def test_an_address_of_the_open_internet_is(address: str) -> None:
    assert is_public(address, RULES)


@pytest.mark.parametrize("address", ["10.1.2.3", "127.0.0.1", "100.64.0.1", "224.0.0.1", "240.0.0.1", "2001:db8::1"])
def test_what_is_not_global_is_refused_without_the_list_too_and_what_is_on_it_though_it_is_global(address: str) -> None:
    assert not is_public(address, replace(RULES, never_to=()))
    assert not is_public("8.8.8.8", replace(RULES, never_to=(ipaddress.ip_network("8.8.8.0/24"),)))


def test_an_address_may_be_as_long_as_its_limits_and_not_longer() -> None:
    head = "https://partner.no/"
    assert read_endpoint(head + "a" * (LONGEST_URL - len(head)), RULES).host == "partner.no"
    with pytest.raises(Invalid):
        read_endpoint(head + "a" * (LONGEST_URL - len(head) + 1), RULES)
    longest = ".".join(["a" * 63] * 3 + ["a" * 58, "no"])
    assert len(read_endpoint(f"https://{longest}/", RULES).host) == 253
    with pytest.raises(Invalid):
        read_endpoint(f"https://{longest.replace('a' * 58, 'a' * 59)}/", RULES)


@given(st.ip_addresses(v=4))
def test_no_ipv4_address_becomes_reachable_by_dressing_it_as_ipv6(address: object) -> None:
    for dressed in (f"::ffff:{address}", f"64:ff9b::{address}", f"::{address}", f"::ffff:0:{address}"):
        assert not is_public(dressed, RULES)


@given(st.text(max_size=60))
def test_whatever_is_written_is_either_read_or_refused(text: str) -> None:
    for url in (text, f"https://{text}", f"https://{text}/", f"https://partner.no/{text}"):
        try:
            found = read_endpoint(url, RULES)
        except Invalid:
            continue
        assert found.scheme == "https"
        assert found.port in RULES.ports


# -- the poster --------------------------------------------------------------------------------------------------------


@pytest.fixture
async def partner() -> AsyncIterator[Receiver]:
    async with receiver() as found:
        yield found


class Names:
    """A resolver that says something else each time it is asked, the last for ever."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def only(*allowed: str) -> Judge:
    return lambda address, endpoint, rules: address in allowed


def at(found: Receiver, host: str = "hooks.partner.no", scheme: str = "http", path: str = "/hook") -> Endpoint:
    return Endpoint(scheme, host, found.port, path)


async def posted(poster: PinnedPoster, endpoint: Endpoint) -> Told:
    return await poster.post(endpoint, b"{}", HEADERS)


async def test_the_name_is_asked_for_once_and_the_connection_goes_to_what_was_judged(partner: Receiver) -> None:
    # The second answer is what a name says that was changed between look and call.
    names = Names(["127.0.0.1"], ["127.0.0.2"])
    told = await posted(PinnedPoster(QUICK, resolve=names, judge=only("127.0.0.1")), at(partner))
    assert told == Told(status=204)
    assert names.asked == 1
    assert partner.got[0]["host"] == f"hooks.partner.no:{partner.port}"
    assert partner.got[0]["webhook-id"] == "id-1"


async def test_a_name_that_leads_into_our_net_the_next_time_is_refused_the_next_time(partner: Receiver) -> None:
    names = Names(["127.0.0.1"], ["10.0.0.1"])
    poster = PinnedPoster(QUICK, resolve=names, judge=only("127.0.0.1"))
    assert (await poster.post(at(partner), b"{}", HEADERS)).taken
    assert (await posted(poster, at(partner))).cause == "ADDRESS_NOT_ALLOWED"
    assert len(partner.got) == 1


async def test_one_address_in_our_net_among_others_is_enough_to_refuse_the_name(partner: Receiver) -> None:
    names = Names(["127.0.0.1", "192.168.1.1"])
    told = await posted(PinnedPoster(QUICK, resolve=names, judge=only("127.0.0.1")), at(partner))
    assert told.cause == "ADDRESS_NOT_ALLOWED"
    assert partner.got == []


async def test_by_the_rules_as_shipped_a_name_for_this_machine_is_refused(partner: Receiver) -> None:
    for address in ("127.0.0.1", "::1", "::ffff:127.0.0.1"):
        told = await posted(PinnedPoster(QUICK, resolve=Names([address])), at(partner))
        assert told.cause == "ADDRESS_NOT_ALLOWED"
    assert partner.got == []


async def test_an_address_that_does_not_answer_is_followed_by_the_next_of_the_name(partner: Receiver) -> None:
    names = Names(["127.0.0.9", "127.0.0.1"])
    allowed = only("127.0.0.1", "127.0.0.9")
    assert (await posted(PinnedPoster(QUICK, resolve=names, judge=allowed), at(partner))).taken
    nowhere = PinnedPoster(QUICK, resolve=Names(["127.0.0.9"]), judge=allowed)
    assert (await posted(nowhere, at(partner))).cause == "NO_CONNECTION"


async def test_the_system_is_asked_for_names_in_threads_of_our_own() -> None:
    lookups = Lookups()
    assert "127.0.0.1" in await lookups("localhost", 443)
    with pytest.raises(OSError, match=r"(?i)name"):
        await lookups("no-such-host.invalid", 443)
    assert (await posted(PinnedPoster(QUICK), Endpoint("https", "no-such-host.invalid", 443, "/"))).cause in (
        "NAME_NOT_FOUND",
        "TIMEOUT",
    )


async def test_names_that_hang_take_no_more_threads_than_there_are_and_hold_up_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hangs, asked = threading.Event(), []

    def hang(host: str, port: int) -> list[str]:
        asked.append(host)
        hangs.wait(10)
        return ["127.0.0.1"]

    monkeypatch.setattr(pinned, "_look_up", hang)
    lookups = Lookups()
    poster = PinnedPoster(replace(QUICK, timeout=timedelta(seconds=0.2)), resolve=lookups)
    tries = [poster.post(Endpoint("https", f"{number}.partner.no", 443, "/"), b"{}", HEADERS) for number in range(20)]
    assert {told.cause for told in await asyncio.gather(*tries)} == {"TIMEOUT"}
    assert len(asked) == pinned.LOOKUPS
    # Whoever looks up a carrier asks the loop's own threads.
    async with asyncio.timeout(2):
        await asyncio.get_running_loop().getaddrinfo("localhost", 443)
    hangs.set()
    async with asyncio.timeout(2):
        assert await lookups("later.partner.no", 443) == ["127.0.0.1"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_a_failure_and_is_not_followed(partner: Receiver, status: int) -> None:
    partner.status, partner.headers = status, {"location": f"{partner.url}/elsewhere"}
    told = await posted(PinnedPoster(QUICK, resolve=Names(["127.0.0.1"]), judge=only("127.0.0.1")), at(partner))
    assert told == Told(f"HTTP_{status}", status)
    assert len(partner.got) == 1


async def test_only_what_is_in_the_two_hundreds_is_success(partner: Receiver) -> None:
    for status, cause in [
        (200, None),
        (202, None),
        (299, None),
        (400, "HTTP_400"),
        (410, "HTTP_410"),
        (500, "HTTP_500"),
    ]:
        partner.status = status
        told = await posted(PinnedPoster(QUICK, resolve=Names(["127.0.0.1"]), judge=only("127.0.0.1")), at(partner))
        assert (told.cause, told.status) == (cause, status)


@pytest.mark.parametrize(
    ("status", "said", "after"),
    [(503, "120", 120), (429, "7", 7), (500, "120", None), (503, "-1", None), (503, "9" * 40, None), (503, "²", None)],
)
async def test_only_a_plain_wish_to_come_later_is_heard(
    partner: Receiver, status: int, said: str, after: int | None
) -> None:
    partner.status, partner.headers = status, {"retry-after": said}
    told = await posted(PinnedPoster(QUICK, resolve=Names(["127.0.0.1"]), judge=only("127.0.0.1")), at(partner))
    assert told.after == (timedelta(seconds=after) if after is not None else None)


async def test_a_body_without_end_is_not_read_and_a_receiver_that_hangs_is_left(partner: Receiver) -> None:
    poster = PinnedPoster(QUICK, resolve=Names(["127.0.0.1"]), judge=only("127.0.0.1"))
    partner.flood = True
    assert (await poster.post(at(partner), b"{}", HEADERS)).taken
    # What fits into the sockets between us is all it could send.
    assert partner.flooded < 400
    partner.flood, partner.hang = False, True
    assert (await posted(poster, at(partner))).cause == "TIMEOUT"


async def test_a_proxy_of_the_environment_is_not_asked(partner: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    poster = PinnedPoster(QUICK, resolve=Names(["127.0.0.1"]), judge=only("127.0.0.1"))
    assert (await posted(poster, at(partner))).taken


async def test_over_tls_the_certificate_must_be_for_the_name_and_the_receiver_is_told_the_name(tmp_path: Path) -> None:
    pair = certificate_for(tmp_path, "hooks.partner.no")
    async with receiver(pair) as found:

        def poster(trust: bool = True) -> PinnedPoster:
            trusted = trusting(pair[0]) if trust else None
            return PinnedPoster(QUICK, resolve=Names(["127.0.0.1"]), trust=trusted, judge=only("127.0.0.1"))

        assert (await posted(poster(), at(found, scheme="https"))).taken
        assert found.got[0]["host"] == f"hooks.partner.no:{found.port}"
        assert (await posted(poster(), at(found, "other.partner.no", "https"))).cause == "TLS_FAILED"
        assert (await posted(poster(trust=False), at(found, scheme="https"))).cause == "TLS_FAILED"
        assert len(found.got) == 1


def test_the_host_header_and_what_a_screen_shows() -> None:
    assert Endpoint("https", "a.no", 443, "/x?token=secret").authority == "a.no"
    assert Endpoint("https", "a.no", 8443, "/").authority == "a.no:8443"
    assert Endpoint("http", "::1", 80, "/", loopback=True).authority == "[::1]"
    assert shown("https://a.no/x?token=secret") == "https://a.no/x?…"
    assert shown("https://a.no/x") == "https://a.no/x"
