# SPDX-License-Identifier: Apache-2.0
"""A portal at https://localhost, into which people come by single sign-on."""
import time

import ldap
import requests

from private_servers import PrivateHttpd, open_to_httpd, wait_for_port, wait_until

MODULES = "/usr/lib/apache2/modules"
PROMISE = 1.0  # seconds
LINES = """LoadModule ssl_module {modules}/mod_ssl.so
LoadModule socache_shmcb_module {modules}/mod_socache_shmcb.so
LoadModule authz_user_module {modules}/mod_authz_user.so
SSLSessionCache "shmcb:{folder}/sessions(64000)"
{before}
SmvPortalCacheTime 30
SmvPortalRefusalTime 0
Listen 127.0.0.1:{port}
<VirtualHost 127.0.0.1:{port}>
    ServerName localhost
    SSLEngine on
    SSLCertificateFile {certificate}
    SSLCertificateKeyFile {key}
{inside}
</VirtualHost>
"""


class TlsHttpd(PrivateHttpd):
    """before and inside: lines for its configuration, and for the virtual host that has TLS."""

    def __init__(self, portal, authority, port, slapd, before, inside):  # pylint: disable=too-many-arguments
        open_to_httpd(authority.folder)
        self.ca, self.entries = authority, slapd.connect()
        certificate, key = authority.sign("localhost", "DNS:localhost")
        super().__init__(portal, LINES.format(modules=MODULES, folder=authority.folder, port=port, before=before, inside=inside,
                                              certificate=certificate, key=key), slapd)
        wait_for_port(port)
        self.origin = f"https://localhost:{port}"
        self.url = self.origin + "/portal"

    def person(self, certificate=None):
        """A browser, perhaps with a certificate."""
        session = requests.Session()
        session.trust_env = False  # or REQUESTS_CA_BUNDLE would go before this certificate
        session.verify = str(self.ca.certificate)
        session.cert = certificate and tuple(map(str, certificate))
        return session

    def set(self, dn, **values):
        """None removes an attribute."""
        self.entries.modify_s(dn, [(ldap.MOD_REPLACE, name, None if value is None else [value.encode()])
                                   for name, value in values.items()])

    def ask(self, cookies, path="/api/v1/me"):
        """With a browser's cookies, but not in it: nothing but the portal is asked."""
        return requests.get(self.url + path, cookies={cookie["name"]: cookie["value"] for cookie in cookies},
                            verify=str(self.ca.certificate), timeout=20, allow_redirects=False)

    @staticmethod
    def takes(condition):
        begun = time.monotonic()
        wait_until(condition, "the change has no effect", 5)
        assert time.monotonic() - begun < PROMISE

    def stop(self):
        super().stop()
        self.slapd.stop()
