"""The console's files as the local stack serves them."""

import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from handfast_cli.local.console import SITE, Site, policy, serve

API = "http://localhost:4566"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    folder = tmp_path / "site"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>Handfast</title>")
    (folder / "assets" / "index-1a2b3c4d.js").write_text("export {}")
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "console.json").write_text('{"clientId": "c"}')
    return Site(folder, tmp_path / "console.json")


@pytest.fixture
def url(site: Site) -> Iterator[str]:
    server = serve(0, site, API)
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_the_page_is_what_every_address_shows_and_it_is_asked_for_anew(url: str) -> None:
    for path in ("/", "/segments", "/sandboxes/sbx_1/feeds/fd_1?code=x&state=y"):
        page = httpx.get(f"{url}{path}")
        assert (page.status_code, page.text[:15]) == (200, "<!doctype html>")
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert page.headers["cache-control"] == "no-cache"


def test_a_file_with_a_hash_in_its_name_is_kept_for_ever(url: str) -> None:
    script = httpx.get(f"{url}/assets/index-1a2b3c4d.js")
    assert (script.status_code, script.text) == (200, "export {}")
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "immutable" in script.headers["cache-control"]


def test_a_file_that_is_not_there_is_not_the_page(url: str) -> None:
    assert httpx.get(f"{url}/assets/index-00000000.js").status_code == 404


def test_the_configuration_is_that_of_the_stack_and_is_asked_for_anew(url: str, site: Site) -> None:
    found = httpx.get(f"{url}/config.json")
    assert (found.json(), found.headers["cache-control"]) == ({"clientId": "c"}, "no-cache")
    site.config.unlink()
    assert httpx.get(f"{url}/config.json").status_code == 404


def test_no_path_leads_out_of_the_site(url: str) -> None:
    port = int(url.rpartition(":")[2])
    for path in (
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/assets/../../secret.txt",
        "//etc/passwd",
        "/..%2fsecret.txt",
    ):
        with socket.create_connection(("127.0.0.1", port)) as raw:
            raw.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
            answer = raw.makefile("rb").read()
        assert b"secret" not in answer.partition(b"\r\n\r\n")[2]
        assert b"root:" not in answer


def test_it_is_read_alone(url: str) -> None:
    head = httpx.head(f"{url}/")
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) > 0
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        assert httpx.request(method, url).status_code == 501


def test_every_answer_has_the_policy(url: str) -> None:
    for path in ("/", "/config.json", "/assets/none.js"):
        headers = httpx.get(f"{url}{path}").headers
        assert headers["content-security-policy"] == policy(API)
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
    assert "'unsafe-inline'" not in policy(API).partition("script-src")[2].partition(";")[0]


def test_a_site_that_is_not_built_says_so(tmp_path: Path) -> None:
    server = serve(0, Site(tmp_path / "none", tmp_path / "console.json"), API)
    answer = httpx.get(f"http://127.0.0.1:{server.server_address[1]}/")
    server.shutdown()
    server.server_close()
    assert (answer.status_code, "not built" in answer.text) == (404, True)


def test_the_committed_site_is_where_it_is_served_from() -> None:
    assert SITE.parts[-3:] == ("functions", "console", "site")
