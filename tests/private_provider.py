# SPDX-License-Identifier: Apache-2.0
"""The OpenID provider of a firm (tests/sso/provider.mjs), and a portal whose people sign in there."""
import shutil
import subprocess

from conftest import ENVIRONMENT, ROOT, free_port, launch
from private_authority import Authority
from private_servers import PrivateHttpd, PrivateSlapd, open_to_httpd, wait_for_port

MODULES = "/usr/lib/apache2/modules"
LINES = """LoadModule ssl_module {modules}/mod_ssl.so
LoadModule socache_shmcb_module {modules}/mod_socache_shmcb.so
LoadModule authz_user_module {modules}/mod_authz_user.so
LoadModule auth_openidc_module {modules}/mod_auth_openidc.so
SSLSessionCache "shmcb:{folder}/sessions(64000)"
Define SSO_PORTAL {origin}
Define SSO_OIDC_METADATA {provider}/.well-known/openid-configuration
Define SSO_OIDC_KEYS {provider}/jwks
Define SSO_OIDC_AUDIENCE portal-api
Define SSO_OIDC_CLIENT portal
Include {folder}/oidc-secret.conf
Define SSO_OIDC_CA {ca}
SmvPortalCacheTime 30
SmvPortalRefusalTime 0
Listen 127.0.0.1:{port}
<VirtualHost 127.0.0.1:{port}>
    ServerName localhost
    SSLEngine on
    SSLCertificateFile {certificate}
    SSLCertificateKeyFile {key}
    Include {conf}/sso-oidc.conf
    <Location /portal/sso/oidc>
        SmvPortalSsoDomain acme.example
    </Location>
</VirtualHost>
"""


class OidcHttpd(PrivateHttpd):
    def __init__(self, portal, folder):
        open_to_httpd(folder)
        self.ca = Authority(folder, "acme-ca")
        certificate, key = self.ca.sign("localhost", "DNS:localhost")
        port, provider = free_port(), free_port()
        self.provider = f"https://localhost:{provider}"
        origin = f"https://localhost:{port}"
        self.start_provider(folder, provider, key, certificate, origin)
        secret = folder / "oidc-secret.conf"
        secret.write_text("Define SSO_OIDC_SECRET a-secret-of-thirty-two-characters\n"
                          'Define SSO_OIDC_PASSPHRASE "a passphrase of this test"\n', encoding="ascii")
        secret.chmod(0o600)
        (folder / "slapd").mkdir()
        directory = PrivateSlapd(folder / "slapd")
        self.entries = directory.connect()
        super().__init__(portal, LINES.format(modules=MODULES, folder=folder, provider=self.provider, origin=origin, ca=self.ca.certificate,
                                              port=port, certificate=certificate, key=key, conf=ROOT / "conf"), directory)
        wait_for_port(port)
        self.origin, self.url = origin, origin + "/portal"

    def start_provider(self, folder, port, key, certificate, origin):
        """What it needs comes from npm, as the lock file says."""
        place = folder / "provider"
        shutil.copytree(ROOT / "tests" / "sso", place)
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=place, check=True, timeout=240,
                       capture_output=True)
        with open(folder / "provider.log", "ab") as log:
            self.provider_process = launch(["node", "provider.mjs", str(port), str(key), str(certificate), origin], cwd=place,
                                           environment=dict(ENVIRONMENT, NODE_EXTRA_CA_CERTS=str(self.ca.certificate)),
                                           stdout=log, stderr=log)
        wait_for_port(port)

    def stop(self):
        super().stop()
        self.provider_process.terminate()
        self.provider_process.wait(timeout=20)
        self.slapd.stop()
