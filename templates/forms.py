"""Lays out the forms: supplier attestation, annual confirmation memo, request for an advisory opinion. Texts as in `make.py`."""

from __future__ import annotations

from form_layout import Form
from layout import Column as C

_YES_NO = "{CHOICE Yes} yes   {CHOICE No} no"


def supplier_attestation() -> Form:
    """What a supplier of a relevant component attests of its owners, its places of work and its components."""
    d = Form("Supplier attestation")
    d.letterhead("For suppliers of VCS hardware and covered software, 15 CFR part 791 subpart D")
    d.facts(
        [
            ("For", "{{ client.name }}, {{ client.address }} ‹{{ report.terms }}›"),
            ("Asked by", "{{ assessor.firm }} in engagement {{ report.id }} ‹{{ report.terms }}›"),
            ("As of", "{{ report.dated }}"),
        ]
    )
    d.p(
        "Importers of vehicle connectivity hardware and manufacturers of connected vehicles certify to the U.S. government that no person tied to {{ rule.prc_russia }} designed, developed, made or supplied "
        "their hardware or covered software (§791.305(a)). They rest that on documents and on what suppliers attest. Each supplier is asked to check what is known, to correct it, and to fill in what is "
        "shaded. References such as ‹[E-0004 row 12]› say where in the client’s file a statement was found."
    )
    d.p(
        "An answer “not known” is an answer. Please leave nothing out because it seems small: a foreign interest is any interest, direct or indirect, held by a person who is not a U.S. person (§791.301). "
        "A form speaks of one supplier: send each supplier its own part only."
    )
    d.choose("supplier_forms")
    d.loop("s in supplier_forms")
    _supplier(d)
    d.end_loop()
    d.otherwise("No supplier of a relevant component has been identified, so that there is nobody to ask.")
    return d


def _supplier(d: Form) -> None:
    d.page_break()
    d.h1("{{ s.name }}", "supplier")
    d.p("Supplies to {{ s.items }} ‹{{ s.evidence }}›.")
    d.h2("The supplier", "who")
    d.table(
        "k in s.known",
        "What the client’s register says; please confirm or correct",
        [
            C("Point", 1.6, "{{ k.what }}"),
            C("As known", 2.6, "{{ k.told }} ‹{{ k.evidence }}›"),
            C("Right, or corrected", 2.3, "{BLANK Right, or correct text}"),
        ],
        "The client’s register says nothing of the supplier.",
    )
    d.pairs(
        [
            ("Incorporated or organised in", "{BLANK Country, and register with number}"),
            ("Headquarters", "{BLANK Address and country}"),
            ("Principal place of business", "{BLANK Address and country}"),
        ]
    )
    d.h2("Owners and other interests", "owners")
    d.table(
        "i in s.interests",
        "Interests of foreign persons as known; please confirm or correct",
        [
            C("Holder", 1.7, "{{ i.holder }}", more="{{ i.holder_country }}"),
            C("Nature", 2.1, "{{ i.nature }} ‹{{ i.evidence }}›"),
            C("Share, since", 1.1, "{{ i.share }}", more="{{ i.since }}"),
            C("Right, or corrected", 1.6, "{BLANK Right, or correct text}"),
        ],
        "No foreign interest in the supplier is known; please list every one below.",
    )
    d.p(
        "Name every further holder up to natural persons or states: shares and votes, seats on the board and who appoints them, proxies, special shares and vetoes, contracts that give a say, loans and subsidies, "
        "holders who act together, and any other means.",
        keep=True,
    )
    d.blanks(
        "Further interests",
        [("Holder and country", 2.0), ("Nature", 2.0), ("Share of capital and votes", 1.4), ("Since", 1.1)],
        4,
    )
    d.choices(
        "Together with those above, these are all interests of persons who are not U.S. persons.",
        "Some holders are not known to the supplier; how much they hold is stated above.",
    )
    d.h2("Ties to a foreign adversary", "ties")
    d.p(
        "The countries meant are {{ rule.foreign_adversaries }}. The questions are put for the supplier, its owners, and everybody who took part in designing, developing, making or supplying the components "
        "(§791.301, person).",
        keep=True,
    )
    d.fixed(
        "Four questions",
        [3.7, 1.0, 1.8],
        ["Is there anybody who", "Answer", "If yes or not known: who, and how"],
        [
            [
                "is an agent, representative or employee of such a country, or acts at its order or direction, or is directed, controlled, financed or subsidised by it in whole or for the greater part? (1)",
                _YES_NO,
                "{BLANK Who, and how}",
            ],
            [
                "is a citizen or resident of such a country and neither a U.S. citizen nor a U.S. permanent resident? (2) The citizenship of employees alone is no tie (§§791.302(b), 791.303(c)).",
                _YES_NO,
                "{BLANK Who, and how}",
            ],
            [
                "is organised under the laws of such a country, or has its headquarters or principal place of business there? (3)",
                _YES_NO,
                "{BLANK Who, and how}",
            ],
            [
                "is owned or controlled by any of those: by a majority or a dominant minority of the votes, seats on the board, proxies, a special share, contract, acting together, or other means, whether used or not? (4)",
                _YES_NO,
                "{BLANK Who, and how}",
            ],
        ],
    )
    d.h2("Components: by whom and where", "components")
    d.p(
        "For software the client’s documents must identify at least author name, timestamp, component name and supplier name of every proprietary addition (§791.305(a)(2)(iv)). For hardware it declares FCC ID "
        "numbers of the parts and their subcomponents if known (§791.305(a)(1)(ii)).",
        keep=True,
    )
    d.table(
        "c in s.components",
        "Relevant components; please complete",
        [
            C("Component", 1.5, "**{{ c.name }}** {{ c.version }}", more="{{ c.item }} ‹{{ c.evidence }}›"),
            C("As known", 1.85, "{{ c.told }}"),
            C("Not told", 1.15, "{{ c.lacking }}"),
            C(
                "Designed, developed, made: by whom, in which country",
                2.0,
                "{BLANK By whom and where}",
                more="{BLANK What is not told}",
            ),
        ],
        "No component of the supplier is named in the client’s bills of materials.",
    )
    d.open("if s.more")
    d.p("{{ s.more }} ‹{{ s.evidence }}›")
    d.close()
    d.fixed(
        "Work on the components",
        [3.4, 3.1],
        ["Point", "Answer"],
        [
            ["Who supplies, integrates, packages and delivers them, and from where", "{BLANK Names and countries}"],
            [
                "Who maintains, updates or services them, and from where; who can reach them in vehicles",
                "{BLANK Names and countries}",
            ],
            [
                "Software: parts made before {{ rule.legacy_line }}, and who has maintained or altered them since (§791.301, covered software)",
                "{BLANK Parts, names and countries}",
            ],
            ["Software: open-source parts that were changed and not shared", "{BLANK Parts, or none}"],
            [
                "Hardware: make and model, FCC ID of the part and of its subcomponents",
                "{BLANK Part, make and model, FCC ID}",
            ],
            ["Sub-suppliers of proprietary parts", "{BLANK Names, countries and parts}"],
        ],
    )
    d.h2("What is open for this supplier", "open")
    d.table(
        "o in s.open",
        "Asked of this supplier in particular",
        [
            C("No.", 0.55, "{{ o.id }}"),
            C("What is asked", 2.5, "{{ o.what }}", more="Document: {{ o.document }}"),
            C("Why", 1.65, "{{ o.clause }}", more="It settles: {{ o.settles }}"),
            C("Answer and document enclosed", 1.8, "{BLANK Answer, and name of the document}"),
        ],
        "Nothing is open for this supplier beyond the questions of this form.",
    )
    d.table(
        "a in s.attested",
        "Earlier attestations; please say whether they still hold",
        [
            C("Signed", 1.7, "{{ a.signer }}", more="{{ a.signed }}, valid until: {{ a.until }}"),
            C("What it says", 3.0, "{{ a.said }} ‹{{ a.evidence }}›"),
            C("Still right", 1.8, _YES_NO, more="{BLANK What has changed}"),
        ],
        "No earlier attestation of this supplier is in evidence.",
    )
    d.h2("Undertakings", "undertakings")
    d.p("By ticking a box the supplier undertakes what stands beside it.", keep=True)
    d.choices(
        "To keep the documents behind this attestation and furnish them to the client on request (§791.305(a)(1)(v), (a)(2)(iv)).",
        "To furnish documents and assessments to BIS on request through the client or, where they are confidential, directly (§791.305(a)(1)(vii), (a)(2)(vi)).",
        "To tell the client of every change of owners, of powers, of places of work, of sub-suppliers and of who maintains the software, at once and before it takes effect where that is possible. "
        "The client has {{ rule.revision_days }} days from its discovery to report a material change (§791.305(g)(3)).",
        "To ask the same of its own suppliers of proprietary parts.",
    )
    d.signature(
        "For {{ s.name }}",
        "a person who may bind the supplier",
        ("Authority", "{BLANK Office or power of attorney}"),
        ("Valid until", "{BLANK Date}"),
    )
    d.p(
        "The person who signs states for the supplier that the answers are accurate and complete to its knowledge after inquiry, and knows that the client may rest certifications to the U.S. government on them "
        "and that the U.S. government may read them."
    )


def annual_confirmation() -> Form:
    """A memo on whether declarations can be confirmed for a new year, §791.305(h)."""
    d = Form("Annual confirmation memo")
    d.letterhead("Whether prior Declarations of Conformity can be confirmed for a new year, 15 CFR 791.305(h)")
    d.facts(
        [
            ("To", "{{ report.addressee }}"),
            ("Client", "{{ client.name }} ‹{{ report.terms }}›"),
            ("Engagement", "{{ report.id }}, period {{ period.begin }} to {{ period.end }} ‹{{ report.terms }}›"),
            ("Date", "{{ report.dated }}"),
        ]
    )
    d.p(
        "Where nothing material changed, a declarant may confirm a prior declaration for a new year instead of submitting a new one: that the prior information remains accurate, and to which new model year it is tied "
        "(§791.305(h)). The confirmation is the declarant’s certification. This memo sets out what the evidence says of it up to {{ period.end }}; what came later, and what the declarant alone knows, is blank."
    )
    d.choose("confirmations")
    d.loop("c in confirmations")
    d.h1("{{ c.name }}", "declaration")
    d.pairs(
        [
            ("Declaration", "{{ c.kind }}, for {{ c.year }}, submitted: {{ c.submitted }} ‹{{ c.evidence }}›"),
            (
                "Updates",
                "{% if c.previous %}the submission of {{ c.previous }} ‹{{ c.evidence }}›{% else %}No earlier submission is named in it.{% endif %}",
            ),
            ("Items", "{{ c.items }} ‹{{ c.evidence }}›"),
            ("Vehicles", "{{ c.vehicles }}; VIN series: {{ c.series }} ‹{{ c.evidence }}›"),
            ("Documents kept by", "{{ c.keeper }} ‹{{ c.evidence }}›"),
        ]
    )
    d.h2("Last day", "due")
    d.table(
        "x in c.due",
        "Last day to confirm {{ c.name }}, in each reading of the text",
        [
            C("Reading", 1.8, "{{ x.what }}"),
            C("Date", 1.0, "**{{ x.date }}**", more="{{ x.state }}"),
            C("Clause", 0.95, "{{ x.clause }}"),
            C("Counted how, and what is open", 2.75, "{{ x.note }} ‹{{ x.evidence }}›"),
        ],
        "The calendar of deadlines holds no last day for this declaration.",
    )
    d.h2("What changed", "changed")
    d.p("{{ c.changed }} ‹{{ c.evidence }}›")
    _changes(d, "c.changes", "Logged changes that name {{ c.name }}", "")
    d.pairs(
        [
            (
                "After the period",
                "{BLANK Changes of software, hardware, suppliers or owners since the end of the period}",
            ),
            (
                "Not in the log",
                "{BLANK Changes that the log does not show, or that there are none, and how that was found out}",
            ),
        ]
    )
    d.h2("What the assessment supports", "support")
    d.p("{{ c.support }} Findings about it or its changes: {{ c.findings }}. ‹{{ c.evidence }}›")
    d.table(
        "t in c.against",
        "Tests that speak against confirming {{ c.name }} as it stands, or leave it open",
        [
            C("Clause", 1.3, "{{ t.clause }}"),
            C("Outcome", 1.0, "**{{ t.outcome }}**"),
            C("Why", 4.2, "{{ t.reason }} ‹{{ t.evidence }}›"),
        ],
        "No test of this declaration ended in an exception or stayed open.",
    )
    d.table(
        "t in c.confirmed",
        "{{ c.name }} tested as a confirmation",
        [
            C("Clause", 1.3, "{{ t.clause }}"),
            C("Outcome", 1.0, "**{{ t.outcome }}**"),
            C("Why", 4.2, "{{ t.reason }} ‹{{ t.evidence }}›"),
        ],
        "It was not tested as a confirmation itself.",
    )
    d.h2("Decision of the declarant", "decision")
    d.choices(
        "The prior information remains accurate and nothing material changed: a confirmation will be submitted.",
        "Something material changed: a revised or a new declaration will be submitted.",
        "The articles are no longer eligible: §791.305(f) applies.",
        "Not decided yet.",
    )
    d.pairs(
        [
            ("New year", "{BLANK Model year of the vehicles, if known, or calendar year}"),
            ("Why", "{BLANK On what the decision rests}"),
            ("Designee", "{BLANK Duly authorised designee who certifies, §791.305(b)(1)}"),
        ]
    )
    d.end_loop()
    d.otherwise("No Declaration of Conformity is in evidence, so that there is none to confirm.")
    d.choose("comparison.prior")
    d.h1("What differs from the earlier engagement", "differs")
    d.p(
        "Compared with {{ comparison.prior }} ‹{{ comparison.evidence }}›. {{ comparison.told }} {% if comparison.standing %}{{ comparison.standing }} {% endif %}A confirmation says that the prior information remains accurate: what is a candidate for a material change, or "
        "undetermined, is settled first. Items of the earlier register are written P-0001."
    )
    d.table(
        "x in comparison.weighty",
        "Changes that may be material, and whether the log tells of them",
        [
            C("Change", 0.8, "**{{ x.mark }}**", more="{{ x.kind }}"),
            C("What", 1.25, "{{ x.subject }}", more="{{ x.logged }}"),
            C("Before", 1.2, "«{{ x.before }}»", more="{{ x.prior }}"),
            C("Now", 1.2, "⟨{{ x.after }}⟩ ‹{{ x.evidence }}›"),
            C("Proposed", 1.25, "**{{ x.proposal }}**, {{ x.clause }}", more="{{ x.reason }}"),
            C("Assessor", 0.8, "{{ x.material }}"),
        ],
        "No change between the two engagements is a candidate for a material change, and none is undetermined.",
    )
    d.close()
    d.h1("Changes that name no declaration", "unassigned")
    d.p("Whether these touch a declaration is for the declarant to say; they count for none of them above.", keep=True)
    _changes(
        d,
        "unassigned_changes",
        "Logged changes that name no declaration",
        "The log holds no change without a declaration.",
        blank=True,
    )
    d.signature("For the declarant", "the duly authorised designee")
    d.signature("For the assessor", "the assessor who signs", ("Firm", "{{ assessor.firm }} ‹{{ report.terms }}›"))
    return d


def _changes(d: Form, where: str, caption: str, nothing: str, blank: bool = False) -> None:
    last = (
        C("Touches", 1.0, "{BLANK Declaration, or none}")
        if blank
        else C("Material", 1.0, "{{ x.material }}", more="revised: {{ x.revised }}")
    )
    d.table(
        f"x in {where}",
        caption,
        [
            C("Change", 0.75, "**{{ x.change }}**", more="{{ x.kind }}"),
            C("Subject and description", 3.35, "{{ x.subject }}", more="{{ x.description }} ‹{{ x.evidence }}›"),
            C("Effective, discovered", 1.4, "{{ x.effective }}", more="discovered: {{ x.discovered }}"),
            last,
        ],
        nothing,
    )


def advisory_opinion() -> Form:
    """A request for an advisory opinion, §791.310: what the file holds for each point, and what is missing."""
    d = Form("Advisory opinion request")
    d.letterhead("Dossier for a request to BIS, 15 CFR 791.310")
    d.facts(
        [
            ("Requestor", "{{ client.name }}, {{ scope.roles }} ‹{{ report.terms }}›"),
            ("Prepared by", "{{ assessor.firm }}, engagement {{ report.id }} ‹{{ report.terms }}›"),
            ("Date", "{{ report.dated }}"),
        ]
    )
    d.p(
        "BIS may be asked whether a prospective transaction is subject to a prohibition or requirement. An opinion can be relied on only as far as what was disclosed is and stays accurate and complete "
        "(§791.310(f)), so the request should tell everything that bears on it. Below stands what the file of the engagement holds for each point of §791.310(c), and what is missing. Which transaction is put, and what is "
        "said of it, is for the requestor; nothing is asserted here about a transaction that has not been chosen."
    )
    d.h1("The question", "question")
    d.pairs(
        [
            ("Transaction", "\n{BLANK Prospective transaction: what, between whom, from when}\n"),
            ("Prospective", "{BLANK That it has not taken place, and when it is meant to}"),
            ("Question", "\n{BLANK Question put to BIS, with the paragraph that it is about}\n"),
            ("Financial interest", "{BLANK Direct financial interest of the requestor in the question, §791.310(a)}"),
            ("Parties by name", "{BLANK Names of all parties to the transaction, §791.310(a)}"),
        ]
    )
    d.table(
        "k in advisory_opinion.candidates",
        "Points of this engagement on which an opinion could be asked; tick those that are put",
        [
            C("Put", 0.45, "{CHOICE This point is put}"),
            C("About", 1.45, "**{{ k.subject }}**", more="{{ k.clause }}"),
            C("Point", 2.5, "{{ k.point }}"),
            C("Why it is open", 2.1, "{{ k.why }} ‹{{ k.evidence }}›"),
        ],
        "No point of judgement on the definitions or prohibitions is open, and management disagrees with no finding.",
    )
    d.h1("What a request is encouraged to tell", "contents")
    d.loop("p in advisory_opinion.points")
    d.h2("{{ p.clause }}: {{ p.title }}", "point")
    d.p("{{ p.asks }} Written for the client’s role: {{ p.applies }}.", keep=True)
    d.table(
        "h in p.held",
        "In the file for {{ p.clause }}",
        [
            C("What the file holds", 4.6, "{{ h.text }} ‹{{ h.evidence }}›"),
            C(
                "Belongs to this transaction",
                1.9,
                "{CHOICE It belongs to the transaction} yes   {CHOICE It does not belong to the transaction} no",
            ),
        ],
        "The file holds nothing for this point.",
    )
    d.pairs([("Missing", "{{ p.missing }}"), ("To be told", "\n{BLANK What the request tells on this point}\n")])
    d.end_loop()
    d.h1("What is missing, in one list", "missing")
    d.table(
        "p in advisory_opinion.points",
        "Missing by paragraph",
        [
            C("Paragraph", 1.1, "{{ p.clause }}"),
            C("Point", 1.3, "{{ p.title }}"),
            C("Missing", 2.6, "{{ p.missing }}"),
            C("Furnished by, on", 1.5, "{BLANK Name and date}"),
        ],
        "Nothing is listed.",
    )
    d.h1("Earlier requests and opinions", "earlier")
    d.table(
        "o in advisory_opinion.opinions",
        "Requests and opinions in evidence",
        [
            C("Opinion", 1.5, "**{{ o.name }}**", more="asked: {{ o.requested }}; issued: {{ o.issued }}"),
            C("What it says", 2.2, "{{ o.answer }} ‹{{ o.evidence }}›"),
            C("Tested", 2.8, "{{ o.standing }}"),
        ],
        "No request and no opinion is in evidence.",
    )
    d.table(
        "r in advisory_opinion.representations",
        "Written representations on advisory opinions",
        [
            C("Statement", 4.3, "{{ r.statement }} ‹{{ r.evidence }}›"),
            C("By", 2.2, "{{ r.by }}", more="{{ r.date }}"),
        ],
        "The client has made no representation on advisory opinions.",
    )
    d.h1("Before it is sent", "check")
    d.p(
        "BIS has {{ advisory_opinion.days }} days, may take more and may decline (§791.310(e), (h)); it may publish an opinion of broader interest with confidential parts removed (§791.310(g)).",
        keep=True,
    )
    d.choices(
        "The request names the parties and the requestor’s direct financial interest, and the transaction lies ahead (§791.310(a)).",
        "Everything disclosed is accurate and complete, and somebody watches that it stays so (§791.310(f)).",
        "Descriptive literature and specifications are enclosed (§791.310(c)(4)).",
        "What is confidential goes in files named and marked as §791.314(b) asks, with a justification.",
        "The way of delivery is the one that BIS states now (§791.310(b)).",
    )
    d.signature(
        "Submitter",
        "the submitter, §791.310(c)(1)",
        ("Telephone", "{BLANK Telephone}"),
        ("E-mail", "{BLANK E-mail address}"),
        ("Address", "{BLANK Street, city, state, country, postal code, §791.310(c)(2)}"),
    )
    return d
