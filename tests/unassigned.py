# SPDX-License-Identifier: Apache-2.0
"""Documents that were delivered and are nobody's yet, put straight into a portal's database."""

SAMPLE = "Maklervertrag.txt"  # a document of the sample, whose content they have


def deliver(database, **values):
    """@param values of columns, whose defaults are a text that the delivery says nothing of; @return the key of the row"""
    size, media_type, content_hash = database.execute("SELECT size, media_type, content_hash FROM document WHERE name = ?",
                                                      (SAMPLE,)).fetchone()
    delivery = database.execute("INSERT INTO delivery (time, kind, file, content_hash, created, updated, kept)"
                                " VALUES (1782856800, 'index', 'index.csv', '', 1, 0, 0)").lastrowid
    row = {"delivery": delivery, "name": "Post.txt", "kind": "other", "date": "2026-05-01", "size": size,
           "media_type": media_type, "content_hash": content_hash, "reason": "nothing_said", **values}
    return database.execute(f"INSERT INTO unassigned_document ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",
                            [*row.values()]).lastrowid


def take_away(database, *keys):
    """Documents that still wait, and deliveries of which nothing does, for tests that share a portal with others."""
    for key in keys:
        database.execute("DELETE FROM unassigned_document WHERE id = ?", (key,))
    database.execute("DELETE FROM delivery WHERE content_hash = '' AND id NOT IN (SELECT delivery FROM unassigned_document)")
