# SPDX-License-Identifier: Apache-2.0
"""The SAML provider of a firm: LemonLDAP::NG in an httpd of its own, whose people are those of a directory of its own; and a
portal whose people sign in there."""
import html
import json
import os
import re
import subprocess
import warnings

import requests

from conftest import ENVIRONMENT, HTTPD, ROOT, free_port, launch
from private_authority import Authority, openssl
from private_servers import BASE, PrivateSlapd, open_to_httpd, wait_for_port
from private_tls import MODULES, TlsHttpd

ACME, BETA = "login.acme.example", "login.beta.example"  # browsers are told that they are 127.0.0.1
LEMONLDAP = "/usr/share/lemonldap-ng/portal"
HTTPD_CONF = """ServerRoot {folder}
ServerName {host}
PidFile {folder}/httpd.pid
ErrorLog {folder}/error.log
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule alias_module {modules}/mod_alias.so
LoadModule dir_module {modules}/mod_dir.so
LoadModule env_module {modules}/mod_env.so
LoadModule mime_module {modules}/mod_mime.so
LoadModule rewrite_module {modules}/mod_rewrite.so
LoadModule ssl_module {modules}/mod_ssl.so
LoadModule fcgid_module {modules}/mod_fcgid.so
{user}
FcgidIPCDir {folder}/fcgid
FcgidProcessTableFile {folder}/fcgid/table
FcgidInitialEnv LLNG_DEFAULTCONFFILE {folder}/lemonldap-ng.ini
FcgidInitialEnv PERL_LWP_SSL_CA_FILE {ca}
TypesConfig /etc/mime.types
ServerLimit 1
StartServers 1
ThreadsPerChild 25
MinSpareThreads 1
MaxSpareThreads 25
MaxRequestWorkers 25
Listen 127.0.0.1:{port}
<VirtualHost 127.0.0.1:{port}>
    SSLEngine on
    SSLCertificateFile {certificate}
    SSLCertificateKeyFile {key}
    DocumentRoot {root}/htdocs
    <Directory {root}/htdocs>
        Require all granted
        Options +ExecCGI +FollowSymLinks
        DirectoryIndex index.fcgi
    </Directory>
    <Files *.fcgi>
        SetHandler fcgid-script
    </Files>
    RewriteEngine On
    RewriteCond "%{{REQUEST_URI}}" "!^/(?:(?:static|javascript|favicon).*|.*\\.fcgi(?:/.*)?)$"
    RewriteRule "^/(.+)$" "/index.fcgi/$1" [PT]
    Alias /javascript/ /usr/share/javascript/
    <Directory /usr/share/javascript>
        Require all granted
    </Directory>
</VirtualHost>
"""
INI = """[all]
logLevel = warn
[configuration]
type = File
dirName = {folder}/conf
localStorage = Cache::FileCache
localStorageOptions = {{ 'namespace' => 'configuration', 'default_expires_in' => 600, 'cache_root' => '{folder}/cache' }}
[portal]
staticPrefix = /static
templateDir = {root}/templates
languages = de, en
"""


def storage(folder):
    return {"Directory": str(folder), "LockDirectory": str(folder / "lock"),
            "generateModule": "Lemonldap::NG::Common::Apache::Session::Generate::SHA256"}


def fields_of(page):
    """The hidden fields of its form."""
    inputs = [dict(re.findall(r'(\w+)="([^"]*)"', tag)) for tag in re.findall(r"<input [^>]*>", page)]
    return {each["name"]: html.unescape(each.get("value", "")) for each in inputs if each.get("type") == "hidden"}


def make_key(folder, name):
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}", "-keyout", folder / "saml.key",
            "-out", folder / "saml.pem")


class LemonLdap:
    """What people sign in with is the password of the sample people; it knows itself by a name that only browsers are told."""

    def __init__(self, folder, authority, host):
        self.folder, self.ca, self.host, self.port, self.version = folder, authority, host, free_port(), 0
        self.url = f"https://{host}:{self.port}"
        self.issuer = f"{self.url}/saml/metadata"
        for name in ("conf", "cache", "sessions/lock", "persistent/lock", "fcgid", "slapd"):
            (folder / name).mkdir(parents=True)
        self.slapd = PrivateSlapd(folder / "slapd")
        self.key, self.certificate = folder / "saml.key", folder / "saml.pem"
        make_key(folder, host)
        (folder / "lemonldap-ng.ini").write_text(INI.format(folder=folder, root=LEMONLDAP), encoding="ascii")
        certificate, key = authority.sign(host, f"DNS:{host}")
        (folder / "httpd.conf").write_text(HTTPD_CONF.format(
            folder=folder, host=host, modules=MODULES, ca=authority.certificate, port=self.port, root=LEMONLDAP, certificate=certificate, key=key,
            user="User www-data\nGroup www-data" if os.geteuid() == 0 else ""), encoding="ascii")
        self.set({})

    def set(self, partner):
        """@param partner settings of who asks it"""
        self.version += 1
        settings = {
            "cfgNum": self.version, "cfgAuthor": "test", "cfgDate": "1", "cfgVersion": "2.16.1", "portal": f"{self.url}/", "domain": self.host,
            "cookieName": "lemonldap", "securedCookie": 1, "key": "a key of this test", "authentication": "LDAP",
            "userDB": "Same", "passwordDB": "Null", "registerDB": "Null", "whatToTrace": "uid", "ldapServer": self.slapd.uri,
            "ldapBase": f"ou=people,{BASE}", "managerDn": f"cn=admin,{BASE}", "managerPassword": "demo-admin",
            "ldapExportedVars": {"uid": "uid", "cn": "cn", "mail": "mail", "description": "description"},
            "captcha": "::UserDB::Null",  # none, or it would want image libraries
            "exportedVars": {}, "macros": {}, "groups": {"Versicherungen": "$uid eq 'viktor.vermittler'"},
            "locationRules": {self.host: {"default": "accept"}},
            "globalStorage": "Apache::Session::File", "globalStorageOptions": storage(self.folder / "sessions"),
            "persistentStorage": "Apache::Session::File", "persistentStorageOptions": storage(self.folder / "persistent"),
            "localSessionStorage": "Cache::FileCache", "localSessionStorageOptions": {
                "namespace": "sessions", "default_expires_in": 600, "cache_root": str(self.folder / "cache")},
            "issuerDBSAMLActivation": 1, "samlServicePrivateKeySig": self.key.read_text(encoding="ascii"),
            "samlServicePublicKeySig": self.certificate.read_text(encoding="ascii"), **partner}
        (self.folder / "conf" / f"lmConf-{self.version}.json").write_text(json.dumps(settings), encoding="utf-8")

    def trust(self, metadata, attributes):
        """@param metadata of the portal @param attributes what it is told: name -> name in the provider's session"""
        self.set({"samlSPMetaDataXML": {"portal": {"samlSPMetaDataXML": metadata}},
                  "samlSPMetaDataOptions": {"portal": {
                      "samlSPMetaDataOptionsSignSSOMessage": 1, "samlSPMetaDataOptionsSignSLOMessage": 1, "samlSPMetaDataOptionsCheckSSOMessageSignature": 1,
                      "samlSPMetaDataOptionsCheckSLOMessageSignature": 1}},
                  "samlSPMetaDataExportedAttributes": {"portal": {
                      source: f"0;{name}" for name, source in attributes.items()}}})

    def start(self):
        if os.geteuid() == 0:
            subprocess.run(["chown", "-R", "www-data:www-data", *(self.folder / name for name in (
                "conf", "cache", "sessions", "persistent", "fcgid"))], check=True)
        self.process = launch([*HTTPD, "-D", "FOREGROUND", "-f", self.folder / "httpd.conf"], stderr=subprocess.DEVNULL,
                              environment=ENVIRONMENT, start_new_session=True)
        wait_for_port(self.port)

    def curl(self, path):
        return subprocess.run(["curl", "-sS", "--fail", "--cacert", self.ca.certificate, "--resolve", f"{self.host}:{self.port}:127.0.0.1",
                               self.url + path], check=True, capture_output=True, text=True, timeout=30).stdout

    def answer(self, url, person):
        """Sign somebody in, as a browser would. @return where it posts the answer, and its fields"""
        session = requests.Session()
        session.trust_env = False
        session.headers["Host"] = f"{self.host}:{self.port}"
        there = url.replace(self.url, f"https://127.0.0.1:{self.port}")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the certificate has the name, not the address
            form = session.get(there, verify=False, timeout=20)
            page = session.post(there, data={**fields_of(form.text), "user": person, "password": "demo"}, verify=False, timeout=20)
        return html.unescape(re.search(r'<form [^>]*action="([^"]+)"', page.text).group(1)), fields_of(page.text)

    def stop(self):
        self.end()
        self.slapd.stop()

    def end(self):
        self.process.terminate()
        self.process.wait(timeout=30)


ATTRIBUTES = {"subject": "uid", "mail": "mail", "name": "cn", "groups": "groups"}
BEFORE = """LoadModule auth_mellon_module {modules}/mod_auth_mellon.so
MellonLockFile {folder}/mellon.lock
Define SSO_PORTAL {origin}
Define SSO_SAML_IDP {folder}/saml-acme.xml
Define SSO_SAML_IDPS {folder}/saml-*.xml
Define SSO_SAML_KEY {folder}/saml.key
Define SSO_SAML_CERT {folder}/saml.pem"""
INSIDE = """    Include {conf}/sso-saml.conf
    <Location /portal/sso/saml>
        SmvPortalSsoDomain musterfirma.example
    </Location>
{second}"""


def second_firm(folder, acme, beta):
    """As the handbook says."""
    text = (ROOT / "docs" / "single-sign-on.md").read_text(encoding="utf-8")
    lines = re.search(r"A second firm .*?```\n(.*?)```", text, re.DOTALL).group(1)
    for old, new in (("/etc/smvportal", str(folder)), (f"https://{ACME}", acme.url), (f"https://{BETA}", beta.url)):
        assert old in lines
        lines = lines.replace(old, new)
    return lines


class SamlHttpd(TlsHttpd):
    """Each is told of the other as an administrator would: by what it says of itself at a URL."""

    def __init__(self, portal, folder):
        open_to_httpd(folder)
        ca, port = Authority(folder, "acme-ca"), free_port()
        for name in ("slapd", "acme", "beta"):
            (folder / name).mkdir()
        self.provider, self.beta = LemonLdap(folder / "acme", ca, ACME), LemonLdap(folder / "beta", ca, BETA)
        for each in (self.provider, self.beta):
            each.start()
            (folder / f"saml-{each.folder.name}.xml").write_text(each.curl("/saml/metadata"), encoding="utf-8")
        make_key(folder, "localhost")
        before = BEFORE.format(modules=MODULES, folder=folder, origin=f"https://localhost:{port}")
        super().__init__(portal, ca, port, PrivateSlapd(folder / "slapd"), before, INSIDE.format(
            conf=ROOT / "conf", second=second_firm(folder, self.provider, self.beta)))
        for each in (self.provider, self.beta):
            self.tell(each, ATTRIBUTES)

    def tell(self, provider, attributes):
        """Of the portal, and what it says of people from now on."""
        answer = self.person().get(self.origin + "/sso-saml/metadata", timeout=20)
        assert answer.status_code == 200
        provider.trust(answer.text, attributes)
        provider.end()
        provider.start()

    def stop(self):
        super().stop()
        self.provider.stop()
        self.beta.stop()
