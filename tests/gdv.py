# SPDX-License-Identifier: Apache-2.0
"""Deliveries as German insurers write them, for tests: records of 256 characters."""


def record(kind, *fields, part=None):
    """@param fields place from 1, text @param part number of the partial record, at its usual place"""
    text = list(kind.ljust(256))
    for place, value in (*fields, *([(256, part)] if part else [])):
        text[place - 1:place - 1 + len(value)] = value
    assert len(text) == 256
    return "".join(text)


def contract(kind, policy, *fields, line="030", part="1"):
    return record(kind, (5, "5342 "), (11, line), (14, policy.rjust(17)), (31, "01"), *fields, part=part)


def holder(policy, name="Import", first_name="Ida", city="Köln", customer="W45", number="", born="11111979"):
    return [contract("0100", policy, (43, "2"), (44, name), (104, first_name), (154, "D"), (157, "50825"), (163, city),
                     (188, "Ring 1"), (226, born), (237, "01"), (255, "2")),
            contract("0100", policy, (43, customer.rjust(17)), (60, number.rjust(17)), (157, "10"), (159, "0221 12345"), part="2")]


def policy_of(policy, premium=41141, status="1", end="01052030"):
    return [contract("0200", policy, (44, "01052004"), (52, end), (60, "01050000"), (68, "1"), (69, status), (72, "00000000"),
                     (113, "EUR"), (116, f"{premium:012d}"))]


def delivery(records, premium=None, as_of="22072004"):
    """With its beginning and its end, as lines. @param as_of TTMMJJJJ"""
    total = premium if premium is not None else sum(int(text[115:127]) for text in records if text[:4] == "0200")
    return [record("0001", (5, "5342"), (10, "Muster Versicherung AG"), (70, "22072004" + as_of), part="1"), *records,
            record("9999", (5, f"{len(records):010d}"), (25, f"{total:015d}"))]
