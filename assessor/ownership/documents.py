"""Documents that settle what is not known of an owner, each with the clause that needs it (§791.301, person)."""

from __future__ import annotations

from dataclasses import dataclass

PERSON_1, PERSON_2, PERSON_3, PERSON_4 = (f"791.301 person ({limb})" for limb in "1234")


@dataclass(frozen=True)
class Document:
    """A kind of document in words, and the clause that needs what it says."""

    words: str
    clause: str


DOCUMENTS = {
    "share_register": Document("extract of the share register as of the date, with the votes of each class", PERSON_4),
    "trust_deed": Document("deed or partnership agreement that names the parties and their rights", PERSON_4),
    "ownership_statement": Document(
        "statement of every direct interest on the way, with an extract of each register", PERSON_4
    ),
    "shareholders_agreement": Document("shareholders' agreement or voting agreement", PERSON_4),
    "meeting_minutes": Document("minutes and attendance of the last general meetings", PERSON_4),
    "articles": Document("articles or charter with the rights of each class of shares", PERSON_4),
    "board_rights": Document("articles or agreement on appointments to the board, and its present members", PERSON_4),
    "contract": Document("contract that gives the rights", PERSON_4),
    "proxy": Document("proxy or power of attorney", PERSON_4),
    "nominee_agreement": Document("nominee agreement or declaration of trust", PERSON_4),
    "identity": Document(
        "register extract of an organisation, passport and proof of residence of a person", "791.301 person"
    ),
    "incumbency": Document(
        "certificate of incumbency or register extract with place of organisation, headquarters and principal place of business",
        PERSON_3,
    ),
    "passport": Document("passport and proof of residence", PERSON_2),
    "us_status": Document("U.S. passport or permanent-resident card, or a declaration that there is none", PERSON_2),
    "state_record": Document("act or record by which the body was set up", PERSON_1),
    "mandate": Document("mandate, employment contract or instructions", PERSON_1),
    "financing": Document("loan, grant and subsidy agreements, and the accounts of the last year", PERSON_1),
}

BY_QUESTION = {
    "special_share": "articles",
    "contractual_control": "contract",
    "board_control": "board_rights",
    "proxy": "proxy",
    "nominee": "nominee_agreement",
    "majority_financing": "financing",
    "supervised_or_directed": "mandate",
    "acting_in_concert": "shareholders_agreement",
    "important_matters": "articles",
    "dominant_minority": "meeting_minutes",
    "principal_place": "incumbency",
    "residence": "passport",
    "other_means": "contract",
}
"""On which document the answer to a question mainly stands."""
