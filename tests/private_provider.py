# SPDX-License-Identifier: Apache-2.0
"""The OpenID provider of a firm (tests/sso/provider.mjs), and a portal whose people sign in there."""
import shutil
import subprocess

from conftest import ENVIRONMENT, ROOT, free_port, launch
from private_authority import Authority
from private_servers import PrivateSlapd, wait_for_port
from private_tls import MODULES, TlsHttpd

BEFORE = """LoadModule auth_openidc_module {modules}/mod_auth_openidc.so
Define SSO_PORTAL {origin}
Define SSO_OIDC_METADATA {provider}/.well-known/openid-configuration
Define SSO_OIDC_KEYS {provider}/jwks
Define SSO_OIDC_AUDIENCE portal-api
Define SSO_OIDC_CLIENT portal
Include {folder}/oidc-secret.conf
Define SSO_OIDC_CA {ca}"""
INSIDE = """    Include {conf}/sso-oidc.conf
    <Location /portal/sso/oidc>
        SmvPortalSsoDomain acme.example
    </Location>"""


class OidcHttpd(TlsHttpd):
    def __init__(self, portal, folder):
        ca, port, provider = Authority(folder, "acme-ca"), free_port(), free_port()
        self.provider, origin = f"https://localhost:{provider}", f"https://localhost:{port}"
        self.start_provider(folder, ca, provider, origin)
        secret = folder / "oidc-secret.conf"
        secret.write_text("Define SSO_OIDC_SECRET a-secret-of-thirty-two-characters\n"
                          'Define SSO_OIDC_PASSPHRASE "a passphrase of this test"\n', encoding="ascii")
        secret.chmod(0o600)
        (folder / "slapd").mkdir()
        before = BEFORE.format(modules=MODULES, folder=folder, provider=self.provider, origin=origin, ca=ca.certificate)
        super().__init__(portal, ca, port, PrivateSlapd(folder / "slapd"), before, INSIDE.format(conf=ROOT / "conf"))

    def start_provider(self, folder, authority, port, origin):
        """What it needs comes from npm, as the lock file says."""
        certificate, key = authority.sign("localhost", "DNS:localhost")
        place = folder / "provider"
        shutil.copytree(ROOT / "tests" / "sso", place)
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=place, check=True, timeout=240,
                       capture_output=True)
        with open(folder / "provider.log", "ab") as log:
            self.provider_process = launch(["node", "provider.mjs", str(port), str(key), str(certificate), origin], cwd=place,
                                           environment=dict(ENVIRONMENT, NODE_EXTRA_CA_CERTS=str(authority.certificate)),
                                           stdout=log, stderr=log)
        wait_for_port(port)

    def stop(self):
        super().stop()
        self.provider_process.terminate()
        self.provider_process.wait(timeout=20)
