"""The tables that readers fill and procedures read: every column with its type, meaning and allowed values.

All columns are Arrow-backed, so that a missing fact is NA and logic over it is three-valued (`True | NA` is `True`,
`True & NA` is `NA`). Beware of `isin`, which answers False for NA: compare with `==`, which answers NA. Every row carries
`source` (the register's id) and `locator` (where in that item: JSON pointer, sheet and cell, page and line, CSV line).
Most of this file is that one list, a column a line; whoever looks for a column finds all of them in one place.
Texts are kept as the client wrote them; countries are ISO 3166-1 alpha-2 codes or NA where no alias is exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

TEXT, FLAG, WHOLE, DATE = pa.string(), pa.bool_(), pa.int64(), pa.date32()


@dataclass(frozen=True)
class Column:
    """A column: its Arrow type, what it means (with unit) and, where only certain values may stand, which."""

    type: pa.DataType
    meaning: str
    allowed: tuple[str, ...] = ()


_PLACE = {
    "source": Column(TEXT, "register id of the evidence item that the row was read from"),
    "locator": Column(TEXT, "place inside that item"),
}

SCHEMAS: dict[str, dict[str, Column]] = {
    "components": {
        "component": Column(TEXT, "identity: source and locator"),
        "reference": Column(TEXT, "id inside its document (bom-ref, SPDXID, spdxId)"),
        "item": Column(TEXT, "name of the item (§791.301) that the document describes: its root component or product"),
        "medium": Column(TEXT, "what kind of article", ("software", "hardware")),
        "name": Column(TEXT, "component name"),
        "version": Column(TEXT, "version or revision"),
        "type": Column(TEXT, "type as the document gives it (library, firmware, device, part …)"),
        "description": Column(TEXT, "description or function as the document gives it"),
        "supplier": Column(TEXT, "supplier as named"),
        "manufacturer": Column(TEXT, "manufacturer as named"),
        "author": Column(TEXT, "author of the component as named; a tool is never an author"),
        "document_author": Column(TEXT, "author of the document"),
        "timestamp": Column(TEXT, "timestamp that applies to the component, as written"),
        "license": Column(TEXT, "licence expression as written"),
        "license_class": Column(TEXT, "proposal from the licence", ("open_source", "proprietary", "unknown")),
        "license_reason": Column(TEXT, "why that class is proposed"),
        "firmware": Column(FLAG, "the document calls it firmware (a hint, not a proof)"),
        "modified": Column(FLAG, "the document says that it was modified (pedigree or relationship)"),
        "purl": Column(TEXT, "package URL"),
        "ecosystem": Column(TEXT, "type of the package URL (npm, maven, deb …)"),
        "cpe": Column(TEXT, "CPE name"),
        "hashes": Column(TEXT, "digests as JSON object, algorithm to hex"),
        "part_number": Column(TEXT, "manufacturer part number"),
        "quantity": Column(TEXT, "quantity as written"),
        "unit": Column(TEXT, "unit of the quantity as written, where it stands apart"),
        "designators": Column(TEXT, "reference designators as written, separated by '; '"),
        "level": Column(WHOLE, "depth in the structure; 0 is the root"),
        "parent": Column(TEXT, "component of the parent row"),
        "alternate_of": Column(TEXT, "component of the row that this one is an alternate source for"),
        "country": Column(TEXT, "country of origin, alpha-2"),
        "address_country": Column(TEXT, "country of the address of its manufacturer, or else of its supplier, alpha-2"),
        "fcc_id": Column(TEXT, "FCC ID as written"),
        "hidden": Column(FLAG, "it stands in a hidden row, column or sheet"),
        "frequency_mhz": Column(TEXT, "radio frequencies in MHz as written, e.g. '433.92' or '2400-2483.5'"),
    },
    "software_history": {
        "item": Column(TEXT, "item that the component belongs to"),
        "name": Column(TEXT, "component name"),
        "version": Column(TEXT, "version"),
        "made": Column(DATE, "date on which it was designed, developed, manufactured or supplied"),
        "maintained": Column(DATE, "date of the last maintenance, augmentation or alteration"),
        "maintained_by": Column(TEXT, "who did that, as named"),
    },
    "suppliers": {
        "supplier": Column(TEXT, "the client's supplier number"),
        "name": Column(TEXT, "name as the client writes it"),
        "aliases": Column(TEXT, "other names, separated by '; '"),
        "country": Column(TEXT, "country of the address, alpha-2"),
        "lei": Column(TEXT, "legal entity identifier as written"),
        "registration": Column(TEXT, "registration number as written"),
        "onboarded": Column(DATE, "date of the first order or contract"),
        "products": Column(TEXT, "what it supplies, as written"),
        "role": Column(TEXT, "developer, manufacturer, distributor … as written"),
        "work_places": Column(
            TEXT, "countries in which it develops or makes what it supplies, alpha-2, separated by '; '"
        ),
    },
    "entities": {
        "entity": Column(TEXT, "id in its source"),
        "name": Column(TEXT, "name"),
        "names": Column(TEXT, "other names, separated by '; '"),
        "kind": Column(TEXT, "what it is", ("organisation", "person", "state", "arrangement", "unknown")),
        "incorporated": Column(
            TEXT,
            "country of incorporation or organisation, alpha-2; those that contradict each other separated by '; '",
        ),
        "headquarters": Column(TEXT, "country of headquarters, alpha-2"),
        "principal_place": Column(
            TEXT,
            "country of the principal place of business, alpha-2; several, of which each may be it, separated by '; '",
        ),
        "residence": Column(TEXT, "a person's country of residence, alpha-2; several separated by '; '"),
        "citizenship": Column(TEXT, "a person's countries of citizenship, alpha-2, separated by '; '"),
        "us_status": Column(TEXT, "a person's U.S. status", ("citizen", "permanent_resident", "none")),
        "lei": Column(TEXT, "legal entity identifier"),
        "registration": Column(TEXT, "registration number"),
        "details": Column(TEXT, "what else the source says of it: legal form, status, lists that name it, ties"),
    },
    "interests": {
        "interest": Column(TEXT, "id in its source"),
        "holder": Column(TEXT, "entity that holds; NA: the source states that the holder is unknown"),
        "subject": Column(TEXT, "entity in which it is held"),
        "kind": Column(
            TEXT,
            "nature of the interest",
            (
                "shareholding",
                "voting_rights",
                "board_appointment",
                "special_share",
                "contractual_control",
                "proxy",
                "nominee",
                "financing",
                "direction",
                "other",
            ),
        ),
        "min": Column(
            TEXT,
            "lower end of the share, exact fraction of 1: a decimal, or two whole numbers and a stroke where no decimal "
            "ends (1/3); NA: not stated",
        ),
        "max": Column(TEXT, "upper end of the share, written likewise; NA: not stated"),
        "min_open": Column(FLAG, "the lower end itself is excluded (more than)"),
        "max_open": Column(FLAG, "the upper end itself is excluded (less than)"),
        "direct": Column(FLAG, "False: a declared chain, kept as a claim and not as an edge; NA: not stated, an edge"),
        "details": Column(TEXT, "what the source says of it"),
        "start": Column(DATE, "held from"),
        "end": Column(DATE, "held until"),
    },
    "vehicles": {
        "line": Column(TEXT, "the client's name for the vehicle line and model year, e.g. 'Tern MY2027'"),
        "make": Column(TEXT, "make"),
        "model": Column(TEXT, "model"),
        "model_year": Column(WHOLE, "model year"),
        "gvwr": Column(TEXT, "gross vehicle weight rating, number as written"),
        "gvwr_unit": Column(TEXT, "unit of gvwr", ("lb", "kg")),
        "power": Column(
            TEXT,
            "whether mechanical power drives it, draws it (as a trailer) or neither",
            ("driven", "drawn", "neither"),
        ),
        "rail_only": Column(FLAG, "operated only on a rail line"),
        "public_roads": Column(FLAG, "manufactured primarily for use on public streets, roads and highways"),
        "wireless": Column(FLAG, "communicates by wireless with any other network or device"),
        "further_manufacturing": Column(
            FLAG,
            "manufacturing operations are still needed for its intended function, such as integrating an automated driving system",
        ),
        "ads": Column(FLAG, "an automated driving system is integrated, as the client says"),
        "driving_task": Column(FLAG, "its hardware and software together can perform the entire dynamic driving task"),
        "sustained": Column(FLAG, "they can do so on a sustained basis, within whatever operational design domain"),
        "ads_integrated_by": Column(TEXT, "who integrated the software of the automated driving system"),
        "assembled_in": Column(TEXT, "country of manufacture or final assembly, alpha-2"),
        "vin_series": Column(TEXT, "first characters of its VINs, separated by '; '"),
        "items": Column(TEXT, "items built into it, separated by '; '"),
        "production_start": Column(DATE, "start of production"),
        "production_end": Column(DATE, "end of production, planned or actual"),
    },
    "transactions": {
        "transaction": Column(TEXT, "id in the client's ledger"),
        "kind": Column(
            TEXT, "what happened", ("vehicle_import", "vehicle_sale", "hardware_import", "service", "other")
        ),
        "date": Column(DATE, "date of entry or sale"),
        "line": Column(TEXT, "vehicle line concerned"),
        "model_year": Column(WHOLE, "model year of the vehicle, or the one that the hardware is associated with"),
        "tied_to_model_year": Column(FLAG, "hardware: associated with a vehicle model year; NA: nobody has said"),
        "for_repair": Column(FLAG, "hardware: imported for repair or warranty"),
        "item": Column(TEXT, "hardware: name of the item"),
        "part_number": Column(TEXT, "hardware: part number"),
        "supplier": Column(TEXT, "hardware: supplier as named"),
        "seller": Column(TEXT, "who sold or shipped it, as named"),
        "buyer": Column(TEXT, "who bought it, or the dealer that it went to, as named"),
        "consignee": Column(TEXT, "who received it, as named"),
        "vin": Column(TEXT, "VIN"),
        "units": Column(WHOLE, "number of units"),
        "new_vehicle": Column(FLAG, "sale: of a new completed vehicle"),
        "foreign_trade_zone": Column(FLAG, "import: admitted into a foreign-trade zone and not entered"),
        "zone_purpose": Column(
            TEXT,
            "for which purpose it was admitted: assembly there, shipment abroad, or another",
            ("assembly", "export", "other"),
        ),
        "entry": Column(TEXT, "customs entry or invoice number"),
        "country": Column(TEXT, "exporting country, alpha-2"),
        "authorization": Column(TEXT, "authorization that the client claims for it"),
    },
    "declarations": {
        "declaration": Column(TEXT, "reference number"),
        "kind": Column(TEXT, "what it declares", ("hardware", "software")),
        "submitted": Column(DATE, "date of submission"),
        "declarant": Column(TEXT, "declarant"),
        "address": Column(TEXT, "address"),
        "contact_name": Column(TEXT, "point of contact"),
        "contact_email": Column(TEXT, "its e-mail address"),
        "contact_phone": Column(TEXT, "its phone number"),
        "fcc_ids": Column(TEXT, "FCC IDs, separated by '; '"),
        "items": Column(TEXT, "items declared, separated by '; '"),
        "make": Column(TEXT, "make"),
        "model": Column(TEXT, "model"),
        "trim": Column(TEXT, "trim"),
        "vin_series": Column(TEXT, "VIN series, separated by '; '"),
        "model_year": Column(WHOLE, "model year, or calendar year for hardware without one"),
        "certifies_no_nexus": Column(FLAG, "certification of §791.305(a)(1)(iv) or (2)(iii) is present"),
        "certifies_diligence": Column(FLAG, "certification of §791.305(a)(1)(v) or (2)(iv) is present"),
        "certifies_measures": Column(FLAG, "certification of §791.305(a)(1)(vii) or (2)(vi) is present"),
        "documents_kept_by": Column(TEXT, "who maintains the documentation"),
        "is_update": Column(FLAG, "update of an earlier declaration"),
        "previous_submission": Column(DATE, "date of that earlier one"),
        "confirms": Column(FLAG, "the update confirms the earlier declaration for a new year and revises nothing"),
        "signer": Column(TEXT, "who signed"),
        "signer_title": Column(TEXT, "in which office"),
    },
    "authorizations": {
        "authorization": Column(TEXT, "number"),
        "kind": Column(TEXT, "general or specific", ("general", "specific")),
        "holder": Column(TEXT, "who relies on it"),
        "issued": Column(DATE, "date of issue, or of the version in force"),
        "expires": Column(DATE, "end of its duration"),
        "parties": Column(TEXT, "parties named, separated by '; '"),
        "suppliers": Column(TEXT, "suppliers whose articles it covers, separated by '; '"),
        "lines": Column(TEXT, "vehicle lines that it covers, separated by '; '"),
        "transactions": Column(TEXT, "kinds of transaction that it covers, separated by '; '"),
        "scope": Column(TEXT, "scope in the letter's words"),
    },
    "authorization_conditions": {
        "authorization": Column(TEXT, "number"),
        "condition": Column(TEXT, "number of the condition, e.g. '2'"),
        "text": Column(TEXT, "the letter's words"),
    },
    "authorization_events": {
        "authorization": Column(TEXT, "number"),
        "event": Column(
            TEXT,
            "what happened",
            (
                "public_road_day",
                "report_filed",
                "party_informed",
                "review_done",
                "change_discovered",
                "assessed",
                "determined_outside",
                "reported_outside",
                "sold",
                "exported",
                "assessment_made",
                "audit_made",
            ),
        ),
        "date": Column(DATE, "when"),
        "subject": Column(TEXT, "VIN, party or report concerned"),
        "quantity": Column(WHOLE, "number of days or units"),
        "note": Column(TEXT, "the log's words"),
    },
    "policies": {
        "document": Column(TEXT, "title of the document"),
        "version": Column(TEXT, "version as written"),
        "effective": Column(DATE, "effective from"),
        "text": Column(TEXT, "one paragraph"),
    },
    "interviews": {
        "person": Column(TEXT, "who was interviewed"),
        "role": Column(TEXT, "in which role"),
        "organisation": Column(TEXT, "of which organisation"),
        "date": Column(DATE, "when"),
        "interviewer": Column(TEXT, "by whom"),
        "topics": Column(TEXT, "topics"),
        "statement": Column(TEXT, "one noted statement"),
    },
    "site_visits": {
        "site": Column(TEXT, "site"),
        "address": Column(TEXT, "address"),
        "date": Column(DATE, "when"),
        "visitor": Column(TEXT, "by whom"),
        "category": Column(TEXT, "what was examined", ("facility", "equipment", "system", "observation")),
        "text": Column(TEXT, "what was examined or observed"),
    },
    "attestations": {
        "supplier": Column(TEXT, "supplier as named"),
        "signed": Column(DATE, "date of signature"),
        "valid_until": Column(DATE, "end of validity"),
        "signer": Column(TEXT, "who signed"),
        "denies_nexus": Column(FLAG, "states that no person of the PRC or Russia owns, controls or directs it"),
        "will_furnish": Column(FLAG, "undertakes to furnish documentation to BIS on request"),
        "foreign_interests": Column(TEXT, "foreign interests that it discloses, as written"),
    },
    "screening": {
        "subject": Column(TEXT, "supplier screened, as named"),
        "date": Column(DATE, "when"),
        "result": Column(TEXT, "result as written"),
        "list": Column(TEXT, "lists used, as written"),
    },
    "records": {
        "transaction": Column(TEXT, "transaction that the record belongs to"),
        "record_type": Column(
            TEXT,
            "type of primary business record (§791.312(a))",
            (
                "contract",
                "import_record",
                "commercial_invoice",
                "bill_of_sale",
                "policy_document",
                "third_party_report",
            ),
        ),
        "held": Column(FLAG, "the client holds it"),
        "kept_until": Column(DATE, "date until which the client's schedule keeps it"),
        "reference": Column(TEXT, "where the client files it"),
    },
    "record_inspections": {
        "transaction": Column(TEXT, "transaction whose record was inspected"),
        "record_type": Column(
            TEXT,
            "type of primary business record, as in `records`",
            (
                "contract",
                "import_record",
                "commercial_invoice",
                "bill_of_sale",
                "policy_document",
                "third_party_report",
            ),
        ),
        "seen": Column(FLAG, "the record was produced and seen"),
        "agrees": Column(FLAG, "it agrees with the ledger"),
        "inspected": Column(DATE, "when"),
        "inspector": Column(TEXT, "by whom"),
        "note": Column(TEXT, "what was noted"),
    },
    "filings": {
        "file": Column(TEXT, "name of the file as submitted to BIS"),
        "filed": Column(DATE, "when"),
        "contains_cbi": Column(FLAG, "the client claims confidential treatment for something in it"),
        "pages": Column(WHOLE, "number of pages"),
        "cbi_pages": Column(TEXT, "pages with confidential business information, e.g. '2, 3'"),
        "marked_pages": Column(TEXT, "pages that bear the mark"),
        "justification": Column(FLAG, "a statement justifying non-disclosure came with it"),
        "legal_authority": Column(TEXT, "legal authority claimed in it"),
    },
    "pages": {
        "page": Column(WHOLE, "number of a page of a PDF in evidence, from 1"),
        "top": Column(TEXT, "text within an inch of the highest text on the page"),
    },
    "changes": {
        "change": Column(TEXT, "id in the client's log"),
        "kind": Column(
            TEXT,
            "kind of change as the client classifies it",
            ("ownership", "supplier", "software_update", "hardware", "other"),
        ),
        "subject": Column(TEXT, "supplier or component concerned"),
        "effective": Column(DATE, "when it took effect"),
        "discovered": Column(DATE, "when the client discovered it"),
        "declaration": Column(TEXT, "declaration that it touches"),
        "revised": Column(DATE, "date of the revised declaration; NA: none"),
        "ineligible": Column(
            DATE, "when the client determined that articles under the declaration are no longer eligible"
        ),
        "ceased": Column(DATE, "when it ceased the prohibited conduct after that determination"),
        "applied": Column(DATE, "when it applied for a specific authorization after that determination"),
        "description": Column(TEXT, "the log's words"),
    },
    "representations": {
        "topic": Column(TEXT, "topic of the client's written representation"),
        "statement": Column(TEXT, "what it states"),
        "date": Column(DATE, "date of the letter"),
        "signer": Column(TEXT, "who signed"),
    },
    "notices": {
        "notice": Column(TEXT, "reference or BIS identification number"),
        "kind": Column(
            TEXT,
            "what BIS told the client",
            (
                "is_informed",
                "ineligibility",
                "denial",
                "suspension",
                "revocation",
                "finding_of_violation",
                "pre_penalty",
            ),
        ),
        "dated": Column(DATE, "date on the notice"),
        "delivered": Column(DATE, "when BIS delivered it"),
        "published": Column(TEXT, "where it was published for a larger group, e.g. a Federal Register citation"),
        "given_by": Column(TEXT, "who gave it: name and office"),
        "activity": Column(TEXT, "activity or matter that it concerns, in its words"),
        "lines": Column(TEXT, "vehicle lines that it names, separated by '; '"),
        "suppliers": Column(TEXT, "suppliers that it names, separated by '; '"),
        "authorization": Column(TEXT, "authorization that it concerns"),
        "answered": Column(DATE, "when the client responded or appealed"),
    },
    "opinions": {
        "opinion": Column(TEXT, "reference of the request or of the opinion"),
        "requested": Column(DATE, "when the opinion was requested"),
        "issued": Column(DATE, "when it was issued; NA: not yet, or not known"),
        "answer": Column(TEXT, "what it says, in its words"),
        "submitter": Column(TEXT, "name of the submitter"),
        "submitter_title": Column(TEXT, "title of the submitter"),
        "phone": Column(TEXT, "telephone of the submitter"),
        "email": Column(TEXT, "e-mail address of the submitter"),
        "address": Column(TEXT, "complete address of the submitter"),
        "parties": Column(TEXT, "parties to the prospective transaction, separated by '; '"),
        "articles": Column(TEXT, "hardware or software concerned, with its technical description"),
        "make": Column(TEXT, "make of the vehicle"),
        "model": Column(TEXT, "model of the vehicle"),
        "trim": Column(TEXT, "trim level of the vehicle"),
        "system": Column(TEXT, "system concerned"),
        "disclosed": Column(TEXT, "what else was disclosed for it"),
    },
    "applications": {
        "application": Column(TEXT, "reference of an application for a specific authorization"),
        "authorization": Column(TEXT, "number of the authorization granted on it"),
        "submitted": Column(DATE, "date of submission"),
        "applicant": Column(TEXT, "applicant"),
        "parties": Column(TEXT, "parties with their identifiers in brackets (§791.307(c)(1)), separated by '; '"),
        "owners": Column(TEXT, "ultimate beneficial ownership of the parties as stated (c)(1)"),
        "articles": Column(TEXT, "hardware or software tied to the PRC or Russia (c)(2)"),
        "assembly": Column(TEXT, "who assembles and packages it (c)(2)"),
        "vehicles": Column(TEXT, "make, model and trim of the vehicles (c)(3)"),
        "function": Column(TEXT, "intended function (c)(4)"),
        "documents": Column(TEXT, "documents in support (c)(5)"),
        "access": Column(TEXT, "assessment of the ability to limit access and influence (c)(6)"),
        "standards": Column(TEXT, "security standards in use (c)(7)"),
        "measures": Column(TEXT, "further actions and proposals (c)(8)"),
    },
    "passages": {
        "document": Column(TEXT, "title of the document"),
        "text": Column(TEXT, "one paragraph of a contract, or one line that a person read from a page without text"),
        "read_by": Column(TEXT, "who read it from a picture; NA: it is text in the file"),
    },
    "item_inspections": {
        "sample": Column(TEXT, "name of the sample that the item was drawn for"),
        "item": Column(TEXT, "the item as it was drawn"),
        "agrees": Column(FLAG, "what was seen agrees with what the client's paper says; NA: not examined"),
        "inspected": Column(DATE, "when"),
        "inspector": Column(TEXT, "by whom"),
        "note": Column(TEXT, "what was noted"),
    },
    "customs_entries": {
        "entry": Column(
            TEXT, "customs entry number, as listed by CBP or a customs broker and not by the client's ledger"
        ),
        "date": Column(DATE, "date of entry"),
        "type": Column(TEXT, "entry type as written"),
        "port": Column(TEXT, "port of entry as written"),
        "importer": Column(TEXT, "importer of record as written"),
        "units": Column(WHOLE, "number of units on the entry"),
        "description": Column(TEXT, "description of the goods"),
    },
    "control_totals": {
        "kind": Column(
            TEXT,
            "of which transactions, as in `transactions`",
            ("vehicle_import", "vehicle_sale", "hardware_import", "service", "other"),
        ),
        "line": Column(TEXT, "vehicle line, where the total is of one"),
        "model_year": Column(WHOLE, "model year, where the total is of one"),
        "item": Column(TEXT, "item, where the total is of one"),
        "part_number": Column(TEXT, "part number, where the total is of one"),
        "start": Column(DATE, "first day of the time that it covers"),
        "end": Column(DATE, "last day of it"),
        "units": Column(WHOLE, "number of units"),
        "compiled_by": Column(TEXT, "who compiled it, from what"),
    },
}
for _columns in SCHEMAS.values():
    _columns.update(_PLACE)


def table(name: str, rows: Iterable[Mapping[str, Any] | pa.Table]) -> pd.DataFrame:
    """The rows, or blocks of rows, as the table `name`: its columns in its order, Arrow-backed, what is not said is NA.

    Raises KeyError for a column that the schema does not know and pyarrow.ArrowInvalid for a value of the wrong type:
    both are errors of a reader, not of the evidence.
    """
    return frame(arrow(name, rows))


def arrow(name: str, rows: Iterable[Mapping[str, Any] | pa.Table]) -> pa.Table:
    """`table` as an Arrow table."""
    blocks: list[pa.Table] = []
    loose: list[Mapping[str, Any]] = []
    for each in rows:
        if isinstance(each, pa.Table):
            blocks += [_block(name, loose)] if loose else []
            blocks.append(_whole(name, dict(zip(each.column_names, each.columns, strict=True)), len(each)))
            loose = []
        else:
            loose.append(each)
    return pa.concat_tables([*blocks, _block(name, loose)])


def _block(name: str, rows: list[Mapping[str, Any]]) -> pa.Table:
    keys = list(set[str]().union(*rows))
    if len(keys) > 1 and len(rows) > 1 and all(len(row) == len(keys) for row in rows):  # they state the same, mostly
        return _whole(name, dict(zip(keys, zip(*map(itemgetter(*keys), rows), strict=True), strict=True)), len(rows))
    return _whole(name, {key: [row.get(key) for row in rows] for key in keys}, len(rows))


def _whole(name: str, stated: Mapping[str, Any], count: int) -> pa.Table:
    """All columns of the table in their order from those stated, lists or Arrow columns of `count` values; the others are NA."""
    if unknown := set(stated) - set(SCHEMAS[name]):
        raise KeyError(f"{name} has no column {sorted(unknown)}")
    columns = {}
    for key, column in SCHEMAS[name].items():
        own = stated.get(key)
        given = own.cast(column.type) if isinstance(own, pa.ChunkedArray) else pa.array(own or [], column.type)
        columns[key] = given if own is not None else pa.nulls(count, column.type)
    return pa.table(columns)


def frame(arrow: pa.Table) -> pd.DataFrame:
    """An Arrow table as a DataFrame whose columns stay Arrow-backed."""
    made: pd.DataFrame = arrow.to_pandas(types_mapper=pd.ArrowDtype)
    return made


def write(table: pd.DataFrame, path: Path) -> None:
    """Write a table as Parquet; the same rows give the same bytes."""
    pq.write_table(
        pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata(None), path, compression="zstd"
    )


def read(path: Path) -> pd.DataFrame:
    """Read a Parquet table that `write` wrote."""
    return frame(pq.read_table(path))
