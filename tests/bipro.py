# SPDX-License-Identifier: Apache-2.0
"""Transfers as insurers' services answer them (BiPRO norm 430, getShipment), for tests, and small documents."""
import base64
import io
import zipfile
from xml.sax.saxutils import escape

SPACES = ('xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="http://www.bipro.net/namespace/transfer" '
          'xmlns:n="http://www.bipro.net/namespace/nachrichten" xmlns:a="http://www.bipro.net/namespace/allgemein" '
          'xmlns:g="http://www.bipro.net/namespace/gevo" xmlns:xmime="http://www.w3.org/2005/05/xmlmime" '
          'xmlns:xop="http://www.w3.org/2004/08/xop/include"')


def pdf(text, size=0):
    """A PDF of one line, as different as its text, of at least that size."""
    body = f"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n% {text}\n"
    return (body + "%" + "x" * max(0, size - len(body) - 8) + "\n%%EOF\n").encode("utf-8")


def zipped(**files):
    """A ZIP of these: name without its extension, which is .pdf, and content."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(f"folder/{name}.pdf", content)
    return made.getvalue()


def element(name, text):
    return "" if text is None else f"<{name}>{escape(text)}</{name}>"


def lines_of(data):
    text = base64.b64encode(data).decode("ascii")
    return "\n".join(text[at:at + 76] for at in range(0, len(text), 76))


def file(content=None, name=None, title=None, kind=None, reference=None, link=None, date=None, of="Dokument", packed="KEINE"):  # pylint: disable=too-many-arguments
    """@param content bytes, put into the message; or text, as it is in the place of base64 @param reference Content-ID"""
    data = None
    if content is not None:
        data = content if isinstance(content, str) else lines_of(content)
    elif reference:
        data = f'<xop:Include href="cid:{reference}"/>'
    return ("<a:Datei>" + element("a:DateiID", "1") + element("a:Dateiname", name) + element("a:Dateityp", of)
            + ("" if data is None else f'<a:Daten xmime:contentType="application/pdf">{data}</a:Daten>')
            + element("a:Datenlink", link) + element("a:Komprimierungstyp", packed) + element("a:Erstelldatum", date)
            + element("a:DokumentartID", kind) + element("a:Kurzbeschreibung", title) + "</a:Datei>")


def transfer(*files, contract=None, category=None, also=""):
    """The number of the contract stands behind the files, as in the norm's sequence."""
    return ("<t:Transfer><t:Sparte>050</t:Sparte>" + element("g:ArtID", category) + "<g:Geschaeftsvorgang>" + "".join(files)
            + "".join("<a:Vertragsnummer>" + element("a:Versicherungsscheinnummer", number) + "</a:Vertragsnummer>"
                      for number in ([contract] if isinstance(contract, str) else contract or []))
            + also + "</g:Geschaeftsvorgang></t:Transfer>\n")


def message(*transfers, category="100007000", before="", shipment="4711"):
    return (f"<?xml version='1.0' encoding='utf-8'?>\n{before}<soap:Envelope {SPACES}><soap:Body><t:getShipmentResponse><t:Response>"
            "<n:BiPROVersion>2.6.1.1.0</n:BiPROVersion><n:Status><n:StatusID>OK</n:StatusID></n:Status>\n"
            f"<t:Lieferung><t:ID>{shipment}</t:ID><t:Einstellzeitpunkt>2026-11-02T08:10:04</t:Einstellzeitpunkt>"
            f"<t:Kategorie>{category}</t:Kategorie><t:AnzahlTransfers>{len(transfers)}</t:AnzahlTransfers>\n"
            + "".join(transfers) + "</t:Lieferung></t:Response></t:getShipmentResponse></soap:Body></soap:Envelope>\n").encode("utf-8")


def multipart(xml, parts, head=b"", encoding="binary"):
    """As services send attachments (MTOM). @param parts Content-ID and content"""
    whole = head
    for name, content, kind in [("root", xml, "application/xop+xml"), *((name, data, "application/pdf") for name, data in parts)]:
        whole += (f"--uuid:4711\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n"
                  f"Content-ID: <{name}>\r\n\r\n").encode("ascii") + content + b"\r\n"
    return whole + b"--uuid:4711--\r\n"
