# SPDX-License-Identifier: Apache-2.0
"""conf/gdv-catalogue.xml against the complete catalogue of the German insurers, and their sample files.

Both belong to others and are not part of the project: they lie in a folder beside it, or the tests are skipped.
"""
import collections
import json
import os
import pathlib
import subprocess
import xml.etree.ElementTree as ET

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "conf" / "gdv-catalogue.xml"
SAMPLES = ROOT.parent / "shared" / "gdv"
COMPLETE = SAMPLES / "VUVM2023.xml"

pytestmark = pytest.mark.skipif(not COMPLETE.exists(), reason="the sample files of the industry are not there")

TYPES = {"text": {"Alphanumerisch"}, "code": {"Alphanumerisch", "Numerisch"}, "number": {"Numerisch"},
         "date": {"Datum"}, "decimal": {"Fliesskomma"}}

# A layout: what a record must have to be recognised as it. Kinds are (place, characters).
Layout = collections.namedtuple("Layout", "type line kinds number places fields")
Field = collections.namedtuple("Field", "type at length places sign")


def own_fields(element):
    return {field.get("name"): Field(field.tag, int(field.get("at")), int(field.get("length", 8)),
                                     field.get("places"), field.get("sign")) for field in element}


def own_layouts():
    root = ET.parse(CATALOGUE).getroot()
    headers = {header.get("name"): own_fields(header) for header in root.iter("header")}
    for record in root.iter("record"):
        kinds = (int(record.get("kind-at")), record.get("kind").replace(" ", "")) if record.get("kind") else None
        for part in record.iter("part"):
            fields = headers.get(record.get("header"), {}) | own_fields(part)
            places = tuple(map(int, part.get("at", "").split()))
            for line in record.get("line", "").split() or [None]:
                for number in part.get("number", "").split() or [None]:
                    yield Layout(record.get("type"), line, kinds, number, places, fields)


def complete_part(part, types):
    """The fields of a part by their first byte, and the places of its number."""
    fields, places = {}, []
    for reference in part:
        at, end = (int(place) for place in reference.get("referenz").split("-")[:2])
        fields[at] = types[reference.get("referenz")] | {"length": end - at + 1, "name": reference.findtext("name"),
                                                         "constant": reference.findtext("auspraegung")}
        if "satznummer" in reference.findtext("name").lower() and reference.findtext("auspraegung"):
            places.append((at, reference.findtext("auspraegung")))
    return fields, places


def complete_layouts():
    root = ET.parse(COMPLETE).getroot()
    types = {field.get("referenz"): {"type": field.findtext("datentyp"), "places": field.findtext("nachkommastellen")}
             for field in root.iter("feld")}
    for record in root.iter("satzart"):
        marks = [mark.findtext("auspraegung") for mark in record.find("kennzeichnung")]
        line = marks[1] if len(marks) > 1 and marks[1] and marks[1][:3].isdigit() else None
        parts = []
        for element in record:
            if element.tag == "satzanfang":
                parts.append([])
            elif element.tag == "feldreferenz" and parts:
                parts[-1].append(element)
        for part in parts:
            fields, places = complete_part(part, types)
            number = places[0][1] if places else None
            assert {found for _, found in places} <= {number}
            if line == "000":  # the general layouts, which say nothing of what stands there
                assert not fields[11]["constant"]
                line = None
            yield Layout(marks[0], line and line[:3], kinds_of(line, fields), number,
                         tuple(at for at, _ in places), fields)


def kinds_of(line, fields):
    """A line like 010.48 has records of its own for the kinds 4 and 8."""
    if not line or "." not in line:
        return None
    names = {"010": "Wagnisart", "020": "Folge", "580": "Art"}
    at = next(at for at, field in sorted(fields.items()) if at > 42 and field["name"].startswith(names[line[:3]])
              and field["length"] == 1)
    return at, line[4:]


def identity(layout):
    return layout.type, layout.line, layout.kinds and layout.kinds[0], layout.number


def pairs():
    """Each own layout with those of the complete catalogue that it stands for."""
    complete = collections.defaultdict(list)
    for layout in complete_layouts():
        complete[identity(layout)].append(layout)
    for layout in own_layouts():
        yield layout, [other for other in complete[identity(layout)]
                       if not layout.kinds or set(other.kinds[1]) <= set(layout.kinds[1])]


def test_every_layout_is_known_with_the_places_of_its_number():
    covered = set()
    for own, others in pairs():
        assert others, f"{own[:5]} is none of the complete catalogue"
        if own.kinds:
            assert set("".join(other.kinds[1] for other in others)) == set(own.kinds[1]), own[:5]
        for other in others:
            assert other.places == own.places, own[:5]
            covered.add(other[:5])
    types = {layout.type for layout in own_layouts()}
    missing = {layout[:5] for layout in complete_layouts() if layout.type in types} - covered
    assert not missing
    assert len(covered) == len(list(complete_layouts())) == 232


def test_every_field_is_that_of_the_complete_catalogue():
    compared = 0
    for own, others in pairs():
        for name, field in own.fields.items():
            for other in others:
                found = other.fields.get(field.at)
                assert found, f"{own[:4]}: nothing begins where {name} does"
                assert found["length"] == field.length, (own[:4], name, found)
                assert found["type"] in TYPES[field.type], (own[:4], name, found)
                assert found["places"] == field.places, (own[:4], name, found)
                if field.sign:
                    assert other.fields[int(field.sign)]["name"] == "Vorzeichen", (own[:4], name)
                compared += 1
    assert compared > 1500


# --- the reader ---


@pytest.fixture(scope="session")
def show():
    build = pathlib.Path(os.environ.get("BUILD_DIR", ROOT / "build"))
    subprocess.run(["make", "-C", build, "tests/port/show_gdv"], check=True, capture_output=True, timeout=300)

    def run(path):
        output = subprocess.run([build / "tests/port/show_gdv", CATALOGUE, path], check=True, capture_output=True,
                                text=True, timeout=60).stdout
        *records, counts = map(json.loads, output.splitlines())
        return records, counts
    return run


def texts(record):
    return [fault["text"].partition(": record ")[2] for fault in record["faults"]]


def test_a_record_of_every_layout_is_recognised_as_it(show, tmp_path):
    layouts = list(complete_layouts())
    lines = []
    for layout in layouts:
        line = list(f"{layout.type:<256}")
        line[10:13] = layout.line or "777"
        if layout.kinds:
            line[layout.kinds[0] - 1] = layout.kinds[1][-1]
        for place in layout.places:
            line[place - 1] = layout.number
        lines.append("".join(line))
    path = tmp_path / "all.gdv"
    path.write_text("\n".join(lines))
    records = [record for record in show(path)[0] if record["outcome"] != "unended"]
    assert len(records) == len(layouts)
    for record, layout in zip(records, layouts):
        assert (record["type"], record["part"]) == (layout.type, layout.number), (record, layout[:5])
        assert not layout.kinds or layout.kinds[1][-1] in record["kinds"], (record, layout[:5])


def test_the_sample_of_the_insurers_is_read_whole(show):
    records, counts = show(SAMPLES / "musterdatei_041222.txt")
    assert counts["charset"] == "WINDOWS-1252"
    assert (counts["records"], counts["faulty"], counts["packages"]) == (165, 0, 1)
    assert counts["read"] + counts["skipped"] == 165
    assert records[-1]["values"]["record_count"] == 162
    assert records[-1]["values"]["net_premium_total"] == 480600
    contracts = [record for record in records if record["type"] == "0200"]
    assert len(contracts) == 14
    assert sum(contract["values"]["net_premium"] for contract in contracts) == 480600
    assert all(record["skip"] for record in records if record["outcome"] == "skipped")
    first = records[2]["values"]
    assert (first["name_1"], first["name_3"], first["city"]) == ("Kitzelpfütze", "Martina", "Stolberg (Rhld.)")
    assert first["birth_date"] == "1979-11-11"


def test_an_iban_is_read(show):
    records, counts = show(SAMPLES / "Satz0100030.txt")
    assert counts["records"] == 6
    assert records[4]["part"] == "4" and records[4]["values"]["iban_1"]
    assert [record["outcome"] for record in records] == ["read", "skipped", "read", "read", "read", "faulty"]
    assert texts(records[5]) == ["6, byte 5: the trailer says 162 records, its package has 3",
                                 "6, byte 25: the trailer says 4806.00 of net premiums, its package has 0.00"]


def test_records_of_life_insurances_interleave(show):
    records, counts = show(SAMPLES / "testdatei_leben_mixed_teildatensaetze.txt")
    assert counts["records"] == 20
    assert [(record["kinds"], record["part"]) for record in records if record["type"] == "0220"] == [
        ("0", "1"), ("2", "1"), ("48", "1"), ("2", "2"), ("48", "2"), ("2", "6"), ("2", "8")]
    assert [record["number"] for record in records if record["faults"]] == [20]
    assert texts(records[19]) == ["20, byte 5: the trailer says 8 records, its package has 16"]


def test_an_unknown_type_is_reported_and_utf8_is_cut_by_characters(show):
    records, counts = show(SAMPLES / "test0820satzregistry.txt")
    assert counts["charset"] == "UTF-8"
    assert counts["records"] == 12
    assert records[2]["values"]["name_1"] == "Kitzelpfütze"
    assert [(record["number"], *texts(record)) for record in records if record["faults"]] == [
        (6, '6, byte 1: there is no record type "0820"'),
        (11, '11, byte 1: there is no record type "0820"'),
        (12, "12, byte 25: the trailer says 4806.00 of net premiums, its package has 436.91")]
