# SPDX-License-Identifier: Apache-2.0
"""make_office.py FOLDER: ZIPs as office programs write them, with their parts in the orders that occur."""
import pathlib
import sys
import zipfile

TYPES, RELS = ("[Content_Types].xml", "<Types/>"), ("_rels/.rels", "<Relationships/>")
WORD, EXCEL = ("word/document.xml", "<w:document/>"), ("xl/workbook.xml", "<workbook/>")
ODF = "application/vnd.oasis.opendocument."
PICTURES = [(f"word/media/image{number}.png", "x") for number in range(300)]

FILES = {
    "usual.docx": [TYPES, RELS, WORD],
    "types-last.docx": [RELS, ("docProps/app.xml", "<Properties/>"), WORD, TYPES],
    "custom-first.docx": [TYPES, RELS, ("customXml/item1.xml", "<x/>"), ("docProps/app.xml", "<Properties/>"), WORD],
    "pictures-last.docx": [TYPES, RELS, ("customXml/item1.xml", "<x/>"), WORD, *PICTURES],
    "usual.xlsx": [TYPES, RELS, EXCEL],
    "custom-first.xlsx": [TYPES, RELS, ("customXml/item1.xml", "<x/>"), ("docProps/app.xml", "<Properties/>"), EXCEL],
    "usual.odt": [("mimetype", ODF + "text"), ("content.xml", "<c/>"), ("META-INF/manifest.xml", "<m/>")],
    "usual.ods": [("mimetype", ODF + "spreadsheet"), ("content.xml", "<c/>"), ("META-INF/manifest.xml", "<m/>")],
    "no-types.zip": [("hello.txt", "hello"), WORD],
    "name-inside.zip": [("a.txt", "[Content_Types].xml word/document.xml"), ("word/document.xml.bak", "x"), TYPES],
}

for name, entries in FILES.items():
    with zipfile.ZipFile(pathlib.Path(sys.argv[1]) / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, content in entries:
            archive.writestr(entry, content, zipfile.ZIP_STORED if entry == "mimetype" else None)
