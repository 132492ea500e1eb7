# SPDX-License-Identifier: Apache-2.0
"""The OpenID provider of a firm (tests/sso/provider.mjs), and a portal whose people sign in there."""
import json
import re
import shutil
import subprocess
from urllib.parse import quote

import requests

from conftest import ENVIRONMENT, ROOT, free_port, launch
from private_authority import Authority
from private_servers import PrivateSlapd, wait_for_port
from private_tls import MODULES, TlsHttpd

SECRET = "a-secret-of-thirty-two-characters"
BEFORE = """LoadModule auth_openidc_module {modules}/mod_auth_openidc.so
Define SSO_PORTAL {origin}
Define {metadata}
Define SSO_OIDC_KEYS {provider}/jwks
Define SSO_OIDC_AUDIENCE portal-api
Define SSO_OIDC_CLIENT portal
Include {folder}/oidc-secret.conf
Define SSO_OIDC_CA {ca}"""
INSIDE = """    Include {conf}/sso-oidc.conf
    <Location /portal/sso/oidc>
        SmvPortalSsoDomain acme.example
    </Location>"""


def two_firms(origin, acme, beta):
    """As the handbook says."""
    text = (ROOT / "docs" / "single-sign-on.md").read_text(encoding="utf-8")
    lines = re.search(r"```\n(<Location[^`]*OIDCDiscoverURL[^`]*)```", text).group(1)
    for old, new in (("https://portal.example", origin), ("https://login.acme.example", acme),
                     ("https://login.beta.example", beta)):
        assert old in lines
        lines = lines.replace(old, new).replace(quote(old, safe=""), quote(new, safe=""))
    return lines


class Provider:
    """What it needs comes from npm, as the lock file says."""

    def __init__(self, folder, authority, origin):
        port = free_port()
        self.issuer, self.certificate = f"https://localhost:{port}", authority.certificate
        certificate, key = authority.sign("localhost", "DNS:localhost")
        if not folder.exists():
            shutil.copytree(ROOT / "tests" / "sso", folder)
            subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, check=True, timeout=240,
                           capture_output=True)
        with open(folder / "provider.log", "ab") as log:
            self.process = launch(["node", "provider.mjs", str(port), str(key), str(certificate), origin], cwd=folder,
                                  environment=dict(ENVIRONMENT, NODE_EXTRA_CA_CERTS=str(authority.certificate)), stdout=log, stderr=log)
        wait_for_port(port)

    def write_for(self, folder):
        """What mod_auth_openidc reads of it."""
        name = folder / quote(self.issuer.removeprefix("https://"), safe="")
        metadata = requests.get(self.issuer + "/.well-known/openid-configuration", verify=str(self.certificate), timeout=20)
        name.with_name(name.name + ".provider").write_text(metadata.text, encoding="utf-8")
        name.with_name(name.name + ".client").write_text(json.dumps({"client_id": "portal", "client_secret": SECRET}), encoding="ascii")

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)


class OidcHttpd(TlsHttpd):
    def __init__(self, portal, folder, has_two=False):
        ca, port = Authority(folder, "acme-ca"), free_port()
        origin = f"https://localhost:{port}"
        self.providers = [Provider(folder / "provider", ca, origin) for _ in range(2 if has_two else 1)]
        self.provider = self.providers[0].issuer
        secret = folder / "oidc-secret.conf"
        secret.write_text(f'Define SSO_OIDC_SECRET {SECRET}\nDefine SSO_OIDC_PASSPHRASE "a passphrase of this test"\n', encoding="ascii")
        secret.chmod(0o600)
        for name in ("slapd", "oidc"):
            (folder / name).mkdir()
        inside = INSIDE.format(conf=ROOT / "conf")
        metadata = f"SSO_OIDC_METADATA {self.provider}/.well-known/openid-configuration"
        if has_two:
            metadata = f"SSO_OIDC_PROVIDERS {folder}/oidc"
            for each in self.providers:
                each.write_for(folder / "oidc")
            inside += "\n" + two_firms(origin, *(each.issuer for each in self.providers))
        before = BEFORE.format(modules=MODULES, folder=folder, provider=self.provider, metadata=metadata, origin=origin, ca=ca.certificate)
        super().__init__(portal, ca, port, PrivateSlapd(folder / "slapd"), before, inside)

    def stop(self):
        super().stop()
        for each in self.providers:
            each.stop()
