# SPDX-License-Identifier: Apache-2.0
"""The portal behind mod_ssl: its cookie, its pages and API, and other URLs of the same host."""
import re
import subprocess

import pytest
import requests

from conftest import free_port
from private_servers import PrivateHttpd, wait_for_port

LINES = """LoadModule ssl_module "{modules}/mod_ssl.so"
Listen 127.0.0.1:{port}
Listen 127.0.0.1:{proxied}
LoadModule socache_shmcb_module "{modules}/mod_socache_shmcb.so"
SSLSessionCache "shmcb:{folder}/sessions(64000)"
<Directory "{www}/right">
    AuthMerging Off
    AuthType smvportal
    Require smv-right contract.view
</Directory>
<VirtualHost 127.0.0.1:{port}>
    ServerName 127.0.0.1
    SSLEngine on
    SSLCertificateFile "{folder}/certificate.pem"
    SSLCertificateKeyFile "{folder}/key.pem"
</VirtualHost>
<VirtualHost 127.0.0.1:{proxied}>
    ServerName https://portal.example
</VirtualHost>
"""


class TlsHttpd(PrivateHttpd):
    """The same portal three times: with TLS, without, and without behind a proxy that ends TLS."""

    def __init__(self, portal, folder):
        port, proxied = free_port(), free_port()
        modules = re.search(r'LoadModule mpm_event_module "(.*)/', (portal.folder / "httpd.conf").read_text()).group(1)
        super().__init__(portal, LINES.format(modules=modules, port=port, proxied=proxied, folder=folder,
                                              www=portal.folder / "www"))
        wait_for_port(port)
        self.plain_url, self.url = self.url, f"https://127.0.0.1:{port}/portal"
        self.proxied_url = f"http://127.0.0.1:{proxied}/portal"
        self.certificate = str(folder / "certificate.pem")

    def browser(self):
        session = requests.Session()
        session.trust_env = False  # or REQUESTS_CA_BUNDLE would go before this certificate
        session.verify = self.certificate
        return session

    def sign_in(self, login, password="demo", **options):
        session = self.browser()
        origin = self.url.removesuffix("/portal")
        session.answer = session.post(self.url + "/login", data={"username": login, "password": password},
                                      headers={"Origin": origin, "Sec-Fetch-Site": "same-origin"},
                                      allow_redirects=False, timeout=20)
        return session


@pytest.fixture(scope="module", name="tls_httpd")
def _tls_httpd(running_portal, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                    "-addext", "basicConstraints=critical,CA:FALSE",
                    "-keyout", folder / "key.pem", "-out", folder / "certificate.pem"], check=True,
                   capture_output=True, timeout=60)
    httpd = TlsHttpd(running_portal, folder)
    yield httpd
    httpd.stop()


@pytest.fixture
def tls(tls_httpd):
    tls_httpd.expected = []
    tls_httpd.expect_log("AH01882")  # the machine's OpenSSL may be some updates older than the one mod_ssl was built with
    yield tls_httpd
    assert tls_httpd.unexpected_lines() == []


def attributes(answer):
    first, *others = answer.headers["Set-Cookie"].split("; ")
    return first.partition("=")[0], sorted(others)


def test_the_cookie_is_of_this_host_and_of_tls_alone(tls):
    answer = tls.sign_in("karla.kunde").answer
    assert answer.status_code == 303
    assert attributes(answer) == ("__Host-smvportal", ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"])


def test_behind_a_proxy_that_ends_tls_the_cookie_is_that_of_tls(tls):
    answer = requests.post(tls.proxied_url + "/login", data={"username": "karla.kunde", "password": "demo"},
                           headers={"Host": "portal.example", "Origin": "https://portal.example"},
                           allow_redirects=False, timeout=20)
    assert answer.status_code == 303
    assert attributes(answer) == ("__Host-smvportal", ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"])


def test_pages_api_and_sign_out_work(tls):
    session = tls.sign_in("karla.kunde")
    page = session.get(tls.url + "/customers/10001/contracts", timeout=20)
    assert page.status_code == 200 and page.text.rstrip().endswith("</html>")
    assert session.get(tls.url + "/api/v1/me", timeout=20).json()["login"] == "karla.kunde"
    assert requests.get(tls.url + "/api/v1/me", auth=("ines.innen", "demo"), verify=tls.certificate,
                        timeout=20).status_code == 200
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text).group(1)
    answer = session.post(tls.url + "/logout", data={"csrf_token": token}, allow_redirects=False, timeout=20)
    assert answer.status_code == 303
    assert attributes(answer) == ("__Host-smvportal", ["HttpOnly", "Max-Age=0", "Path=/", "SameSite=Lax", "Secure"])
    assert session.get(tls.url + "/api/v1/me", timeout=20).status_code == 401


def test_a_form_from_the_same_host_without_tls_is_foreign(tls):
    answer = requests.post(tls.url + "/login", data={"username": "karla.kunde", "password": "demo"},
                           headers={"Origin": tls.url.removesuffix("/portal").replace("https:", "http:")},
                           allow_redirects=False, verify=tls.certificate, timeout=20)
    assert answer.status_code == 403 and "Set-Cookie" not in answer.headers


def test_a_cookie_of_tls_is_none_without_tls_and_the_other_way_round(tls):
    def status(url, name, value):
        return requests.get(url + "/api/v1/me", headers={"Cookie": f"{name}={value}"}, verify=tls.certificate,
                            timeout=20).status_code

    with_tls = tls.sign_in("karla.kunde").cookies.get("__Host-smvportal")
    plain = requests.post(tls.plain_url + "/login", data={"username": "karla.kunde", "password": "demo"},
                          allow_redirects=False, timeout=20).cookies.get("smvportal")
    assert status(tls.url, "__Host-smvportal", with_tls) == status(tls.plain_url, "smvportal", plain) == 200
    assert status(tls.plain_url, "__Host-smvportal", with_tls) == 401
    assert status(tls.url, "smvportal", plain) == 401


def test_the_browser_sends_the_cookie_to_tls_alone(tls):
    session = tls.sign_in("karla.kunde")
    assert session.get(tls.url + "/api/v1/me", timeout=20).status_code == 200
    assert session.get(tls.plain_url + "/api/v1/me", timeout=20).status_code == 401


def test_the_session_opens_another_url_of_the_host_under_its_right(tls, running_portal):
    url = tls.url.removesuffix("/portal") + "/right/index.html"
    session = tls.sign_in("karla.kunde")
    assert session.get(url, timeout=20).text == "<p>right</p>\n"
    answer = tls.browser().get(url, allow_redirects=False, timeout=20)
    assert answer.status_code == 303 and answer.headers["Location"].endswith("/portal/login")
    role = "cn=Kundenzugang,ou=roles"
    tls.expect_log("AH01630: client denied by server configuration: .*/right/index.html")
    running_portal.modify(role, smvVertragsdatenAnsehen="FALSE")
    try:
        tls.wait_for_cache()
        assert session.get(url, allow_redirects=False, timeout=20).status_code == 403
    finally:
        running_portal.modify(role, smvVertragsdatenAnsehen="TRUE")
        tls.wait_for_cache()


def test_the_openapi_document_names_the_cookies(tls):
    document = tls.browser().get(tls.url + "/api/v1/openapi.json", timeout=20).json()
    schemes = document["components"]["securitySchemes"]
    assert schemes["session"]["name"] == "__Host-smvportal"
    assert schemes["session_without_tls"]["name"] == "smvportal"
    assert {name for way in document["security"] for name in way} == set(schemes)


def test_whether_a_host_is_for_tls_alone_is_for_its_administrator_to_say(tls):
    assert "Strict-Transport-Security" not in tls.browser().get(tls.url + "/login", timeout=20).headers
