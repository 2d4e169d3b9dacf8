"""Lays out the shipped Word templates, and their variable reference, `README.md`.

    python templates/make.py

The results are ordinary Word documents: firms edit a copy of one in Word and need nothing of this. They are made by a script
so that they can be reviewed like code and always come out with the same bytes. Styles and page furniture are in `layout.py`,
what forms have besides in `form_layout.py`; the letters stand in `letters.py`, the forms in `forms.py`, and here is what the
assessment says, in its order. In texts, `‹…›` is an evidence reference and `**…**` is bold.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent)]

import forms  # noqa: E402
import letters  # noqa: E402
from layout import Column as C  # noqa: E402
from layout import Layout  # noqa: E402

from assessor.reporting.context import reference  # noqa: E402

HERE = Path(__file__).parent


def front(d: Layout) -> None:
    """Cover, document control, contents."""
    d.p("{{ assessor.firm }}", "Cover Firm")
    d.p("{{ report.title }}", "Title")
    d.p("Third-party verification and assessment, 15 CFR §791.315", "Subtitle")
    d.p("{{ client.name }}", "Cover Client")
    d.p("Engagement {{ report.id }}  ·  Version {{ report.version }}  ·  {{ report.dated }}", "Cover Line")
    d.p("Period {{ period.begin }} to {{ period.end }}", "Cover Line")
    d.p("Rule text as of {{ rule.version }} ({{ rule.citation }})", "Cover Line")
    d.p("{{ report.confidential }}", "Cover Note")
    d.page_break()
    d.p("Document control", "Front Heading")
    d.pairs(
        [
            ("Report", "{{ report.title }}"),
            ("Engagement and version", "{{ report.id }}, version {{ report.version }} of {{ report.dated }}"),
            ("Addressed to", "{{ report.addressee }}"),
            ("Assessed", "{{ client.name }}, {{ client.address }}; contact: {{ client.contact }} ‹{{ report.terms }}›"),
            ("Assessor", "{{ assessor.firm }}, {{ assessor.address }} ‹{{ report.terms }}›"),
            ("Period covered", "{{ period.begin }} to {{ period.end }}"),
            ("Rule text", "15 CFR part 791 subpart D, {{ rule.citation }}, text as of {{ rule.version }}"),
            ("Confidential treatment", "{{ report.confidential }}"),
            (
                "Annexes",
                "annexes.xlsx: relevant components, suppliers, foreign interests, tests, findings, transactions affected, evidence requests, questions, evidence index",
            ),
        ]
    )
    d.p(
        "References in square brackets, such as ‹[E-0004 row 12]›, name an item of the evidence index (section {REF r:evidence_index}) and the place in it; ‹[TERMS]› is the terms of "
        "engagement. Where a reference counts further places, the annexes list all of them."
    )
    d.p("Signed for the assessor", "Front Heading")
    d.pairs(
        [
            ("Signature", "\n"),
            (
                "Name and role",
                "{% if assessor.team %}{{ assessor.team[0].name }}, {{ assessor.team[0].role }}{% else %}The engagement names no team.{% endif %}",
            ),
            ("Firm", "{{ assessor.firm }}"),
            ("Date", ""),
        ]
    )
    d.page_break()
    d.p("Contents", "Front Heading")
    d.contents()
    d.page_break()


def conclusions(d: Layout) -> None:
    d.h1("Conclusions", "conclusions")
    d.h2("Overall conclusion", "overall")
    d.p(
        "**{{ summary.conclusion }}.** {{ summary.sentence }} The conclusion rests on {{ summary.procedures }}, {{ summary.tests }} and {{ summary.evidence }}, and on "
        "{{ summary.judgements }} (section {REF r:judgements}); {{ summary.open_questions }} and {{ summary.requests }} remain open (section {REF r:open})."
    )
    d.p(
        "An exception states a departure from the criteria on the evidence examined. Whether a transaction was engaged in knowingly (§791.301) is a judgement that this report does not make "
        "unless the judgement register says so."
    )
    d.h2("Conclusion for each declaration and authorization", "each_conclusion")
    d.table(
        "c in conclusions",
        "Conclusion for each declaration and authorization",
        [
            C("Declaration or authorization", 1.45, "**{{ c.name }}**", more="{{ c.kind }}, {{ c.since }}"),
            C("Conclusion", 0.95, "**{{ c.conclusion }}**"),
            C("Why", 2.95, "{{ c.reason }} ‹{{ c.evidence }}›"),
            C("Findings", 1.15, "{{ c.findings }}"),
        ],
        "No Declaration of Conformity and no authorization was presented ‹{{ report.terms }}›.",
    )
    d.h2("Conclusion by section of the rule", "by_section")
    d.table(
        "p in procedures",
        "Conclusion of each procedure",
        [
            C("Section", 1.0, "{{ p.clause }}"),
            C("Procedure", 1.6, "{{ p.title }}"),
            C("Conclusion", 0.95, "**{{ p.conclusion }}**"),
            C("Why", 2.95, "{{ p.reason }} ‹{{ p.evidence }}›"),
        ],
        "No procedure was performed.",
    )
    d.h2("Summary of findings", "summary")
    d.p(
        "There are {{ summary.findings }}: {{ summary.high }} of high, {{ summary.medium }} of medium and {{ summary.low }} of low severity. Section {REF r:findings} sets out each.",
        keep=True,
    )
    d.table(
        "f in findings",
        "Findings",
        [
            C("No.", 0.55, "**{{ f.id }}**"),
            C("Finding", 3.35, "{{ f.title }} ‹{{ f.evidence_short }}›"),
            C("Clause", 1.6, "{{ f.clauses }}"),
            C("Severity", 1.0, "{{ f.severity }}"),
        ],
        "There is no finding.",
    )


def assessor(d: Layout) -> None:
    d.h1("The assessor", "assessor")
    d.h2("Qualification and competence, §791.315(b)", "qualification")
    d.p("Certifications and standards of {{ assessor.firm }}: {{ assessor.certifications }} ‹{{ report.terms }}›.")
    d.table(
        "m in assessor.team",
        "Assessment team",
        [
            C("Name", 1.6, "{{ m.name }}"),
            C("Role", 1.6, "{{ m.role }}"),
            C("Qualifications", 3.3, "{{ m.qualifications }} ‹{{ report.terms }}›"),
        ],
        "The engagement names no member of the team ‹{{ report.terms }}›.",
    )
    d.h2("Ownership statement, §791.315(b)(1)", "ownership")
    d.p("{{ assessor.seat }} ‹{{ report.terms }}›")
    d.table(
        "o in assessor.owners",
        "Owners of the assessor",
        [
            C("Owner", 2.6, "{{ o.name }} ‹{{ report.terms }}›"),
            C("Kind", 1.3, "{{ o.kind }}"),
            C("Country", 1.6, "{{ o.country }}"),
            C("Share", 1.0, "{{ o.share }}"),
        ],
        "The firm has not stated its owners ‹{{ report.terms }}›.",
    )
    d.table(
        "t in assessor.tests",
        "Tests of the assessor",
        [
            C("Clause", 1.25, "{{ t.clause }}"),
            C("Subject", 1.45, "{{ t.subject }}"),
            C("Outcome", 0.95, "**{{ t.outcome }}**"),
            C("Why", 2.85, "{{ t.reason }} ‹{{ t.evidence }}›"),
        ],
        "No test of the assessor was made.",
    )
    d.h2("Independence and financial incentives, §791.315(b)(2)", "independence")
    d.p("{{ assessor.statement }} ‹{{ report.terms }}›")
    d.table(
        "i in assessor.independence",
        "Independence and financial incentives",
        [C("Topic", 2.3, "{{ i.topic }}"), C("Statement", 4.2, "{{ i.statement }} ‹{{ report.terms }}›")],
        "Nothing was stated.",
    )
    d.h1("Use by the U.S. government, §791.315(c)(4)", "acknowledgement")
    d.p("{{ assessor.acknowledgement }} ‹{{ report.terms }}›")


def scope(d: Layout) -> None:
    d.h1("Scope, criteria and period", "scope")
    d.h2("Client and purpose", "client")
    d.p(
        "{{ client.name }}, {{ scope.roles }}, {{ scope.us_person }} and transacts on the basis of {{ scope.basis }} ‹{{ report.terms }}›. Purpose of the assessment: {{ scope.purpose }} "
        "‹{{ report.terms }}›"
    )
    d.p(
        "The assessment identifies and examines the VCS hardware and covered software supply chains in relation to the prohibitions (§791.315(c)(1)) and examines compliance relating to each "
        "declaration and authorization listed in section {REF r:each_conclusion} (§791.315(c)(2))."
    )
    d.h2("Items and vehicle lines", "items")
    d.table(
        "i in scope.items",
        "Items assessed",
        [
            C("Item", 3.5, "{{ i.name }} ‹{{ report.terms }}›"),
            C("System", 1.5, "{{ i.system }}"),
            C("Medium", 1.5, "{{ i.medium }}"),
        ],
        "The engagement names no item ‹{{ report.terms }}›.",
    )
    d.table(
        "v in scope.vehicles",
        "Vehicle lines",
        [
            C("Vehicle line", 1.35, "**{{ v.line }}**", more="{{ v.make_model }}"),
            C("Model year", 0.6, "{{ v.model_year }}"),
            C("GVWR", 0.8, "{{ v.gvwr }}"),
            C("Determination", 1.05, "{{ v.connected }}"),
            C("Why", 2.7, "{{ v.reason }} {{ v.clause }} ‹{{ v.evidence }}›"),
        ],
        "No vehicle line was stated.",
    )
    d.h2("Criteria and version of the rule", "criteria")
    d.p(
        "The criteria are those of 15 CFR part 791 subpart D ({{ rule.citation }}) as the text stood on {{ rule.version }}. Answers to frequently asked questions, general authorizations "
        "and other statements of BIS published later count only where they are evidence of this engagement."
    )
    d.table(
        "c in scope.criteria",
        "Criteria and their versions",
        [C("Criterion", 1.8, "{{ c.name }}"), C("Text and version", 4.7, "{{ c.text }} ‹{{ report.terms }}›")],
        "No criteria were stated.",
    )
    d.table(
        "t in defects",
        "Known defects of the rule's text that this assessment met",
        [
            C("Place", 1.3, "{{ t.clauses }}"),
            C("Defect", 2.6, "{{ t.defect }}"),
            C("Handling", 2.6, "{{ t.handling }}"),
        ],
        "No paragraph with a known defect was applied.",
    )
    d.h2("Period", "period")
    d.p(
        "The assessment covers transactions from {{ period.begin }} to {{ period.end }} and speaks as of {{ report.dated }} ‹{{ report.terms }}›."
    )
    d.h2("Exclusions", "exclusions")
    d.bullets(
        "e in scope.exclusions",
        "{{ e }} ‹{{ report.terms }}›",
        "The terms of engagement exclude nothing ‹{{ report.terms }}›.",
    )


def methodology(d: Layout) -> None:
    d.h1("Methodology, §791.315(c)(3) and (d)(2)", "methodology")
    d.h2("Approach", "approach")
    d.p(
        "Each procedure applies the paragraphs of one section of the rule to facts read from the evidence. A fact that the evidence does not give stays unknown and leads to a request; a point "
        "that the rule leaves to judgement is put to the assessor as a question and recorded with its rationale. A test conforms only on evidence."
    )
    d.bullets(
        "s in methodology.statements",
        "{{ s }} ‹{{ report.terms }}›",
        "The firm states no further method ‹{{ report.terms }}›.",
    )
    d.table(
        "p in procedures",
        "Procedures performed",
        [
            C("Section", 1.0, "{{ p.clause }}"),
            C("Examined", 1.8, "{{ p.population }} ‹{{ p.evidence }}›"),
            C("Work done", 3.05, "{{ p.work }}"),
            C("Tests", 0.65, "{{ p.tests }}", right=True),
        ],
        "No procedure was performed.",
    )
    d.h2("Policies reviewed", "policies_reviewed")
    d.table(
        "x in methodology.policies",
        "Policies reviewed",
        [
            C("Policy", 2.7, "**{{ x.title }}**", more="{{ x.file }} ‹[{{ x.id }}]›"),
            C("Version", 0.8, "{{ x.version }}"),
            C("Effective", 1.2, "{{ x.effective }}"),
            C("Read for", 1.8, "{{ x.read_for }}"),
        ],
        "No policy was read.",
    )
    d.h2("Other documents and records reviewed", "documents_reviewed")
    d.table(
        "x in methodology.documents",
        "Documents and records reviewed",
        [
            C("Document", 2.8, "{{ x.file }} ‹[{{ x.id }}]›"),
            C("Kind", 1.6, "{{ x.kind }}"),
            C("Read for", 2.1, "{{ x.read_for }}"),
        ],
        "No other document was read.",
    )
    d.h2("Personnel interviewed", "interviews")
    d.table(
        "x in methodology.interviews",
        "Personnel interviewed",
        [
            C("Person", 1.75, "**{{ x.person }}**", more="{{ x.role }}, {{ x.organisation }}"),
            C("Date", 1.15, "{{ x.date }}"),
            C("Interviewer", 1.2, "{{ x.interviewer }}"),
            C("Topics", 2.4, "{{ x.topics }} ‹{{ x.evidence }}›"),
        ],
        "Nobody was interviewed.",
    )
    d.h2("Facilities, equipment and systems examined", "visits")
    d.choose("methodology.visits")
    d.loop("s in methodology.visits")
    d.p("{{ s.site }}, {{ s.address }}, visited on {{ s.date }} by {{ s.visitor }}:", keep=True)
    d.table(
        "x in s.examined",
        "Examined at {{ s.site }}",
        [C("What", 1.3, "{{ x.category }}"), C("Examined or observed", 5.2, "{{ x.text }} ‹{{ x.evidence }}›")],
        "Nothing was recorded.",
    )
    d.end_loop()
    d.otherwise("No facility, equipment or system was examined on site.")


def supply_chain(d: Layout) -> None:
    d.landscape()
    d.h1("Suppliers of relevant components and foreign interests, §791.315(d)(1)", "suppliers")
    d.p(
        "A component is relevant when it is in scope or its scope is undetermined. A foreign interest is any interest of any nature, direct or indirect, by a person that is not a U.S. person "
        "(§791.301); it is not in itself a link to the PRC or Russia."
    )
    d.h2("Schedule of suppliers", "schedule")
    d.table(
        "s in suppliers",
        "Suppliers of relevant components and the nature of any foreign interest",
        [
            C("Supplier", 1.7, "**{{ s.name }}**", more="{{ s.supplier }}, {{ s.country }}"),
            C("Items", 1.2, "{{ s.items }}", more="components: {{ s.components }}"),
            C("Nature of any foreign interest", 4.7, "{{ s.foreign_interest }} ‹{{ s.evidence }}›"),
            C("PRC or Russia", 1.4, "**{{ s.prc_russia }}**", more="limb: {{ s.limb }}; {{ s.rests_on }}"),
        ],
        "No supplier of a relevant component was identified.",
    )
    d.h2("Foreign interests where a link to the PRC or Russia is established or possible", "interests")
    d.p(
        "The annex sheet “Foreign interests” is the schedule of all interests in all suppliers, one a row, each with its "
        "evidence; the table shows those in suppliers for which a link to the PRC or Russia is established or possible."
    )
    d.table(
        "i in nexus.interests",
        "Foreign interests in suppliers with an established or possible link",
        [
            C("Supplier", 1.6, "{{ i.supplier }}"),
            C("Holder", 1.9, "{{ i.holder }}", more="{{ i.holder_country }}"),
            C("Nature", 3.1, "{{ i.nature }}"),
            C("Share", 1.1, "{{ i.share }}"),
            C("Since", 1.3, "{{ i.since }} ‹{{ i.evidence }}›"),
        ],
        "No foreign interest was found in a supplier with an established or possible link.",
    )
    d.h2("Relevant components by supplier", "components")
    d.table(
        "c in components",
        "Relevant components, as named in the bills of materials",
        [
            C("Item", 1.7, "{{ c.item }}"),
            C("Supplier as named", 1.8, "{{ c.supplier }}"),
            C("Number", 0.7, "{{ c.count }}", right=True),
            C("Undetermined", 0.95, "{{ c.undetermined }}", right=True),
            C("Components", 3.85, "{{ c.names }} ‹{{ c.evidence }}›"),
        ],
        "No relevant component was found.",
    )
    d.portrait()


def determinations(d: Layout) -> None:
    d.h1("Scope determinations", "determinations")
    d.table(
        "c in scope.counts",
        "Components by item and determination",
        [
            C("Item", 2.2, "{{ c.item }}"),
            C("Medium", 0.9, "{{ c.medium }}"),
            C("Components", 0.95, "{{ c.components }}", right=True),
            C("In scope", 0.7, "{{ c.in_scope }}", right=True),
            C("Out of scope", 0.75, "{{ c.out_of_scope }}", right=True),
            C("Undetermined", 1.0, "{{ c.undetermined }}", right=True),
        ],
        "No component was read.",
    )
    d.loop("g in figures")
    d.figure("g")
    d.end_loop()
    d.h2("Reasons", "reasons")
    d.table(
        "r in scope.reasons",
        "Reasons of scope determinations",
        [
            C("Item", 1.25, "{{ r.item }}"),
            C("Determination", 1.0, "{{ r.scope }}"),
            C("Clause", 1.35, "{{ r.clause }}"),
            C("Reason", 2.05, "{{ r.reason }}"),
            C("Components", 0.85, "{{ r.components }}", right=True),
        ],
        "No scope determination was made.",
    )
    d.h2("Exemptions, §791.308", "exemptions")
    d.table(
        "e in scope.exemptions",
        "Transactions exempt by §791.308",
        [
            C("Vehicle line", 1.15, "{{ e.line }}"),
            C("Transaction", 1.05, "{{ e.kind }}"),
            C("Clause", 0.95, "{{ e.clause }}"),
            C("Trans-\u200bactions", 0.75, "{{ e.transactions }}", right=True),
            C("Units", 0.65, "{{ e.units }}", right=True),
            C("Reason", 1.95, "{{ e.reason }} ‹{{ e.evidence }}›"),
        ],
        "No transaction is exempt by §791.308.",
    )


def nexus(d: Layout) -> None:
    d.h1("Links to the PRC or Russia", "nexus")
    d.p(
        "{{ nexus.sentence }} ‹{{ nexus.evidence }}› Established means that it follows from the evidence, possible that the evidence does not rule it out, excluded that it does. The citizenship of natural persons whom "
        "a supplier employs is not in itself a link (§§791.302(b), 791.303(c))."
    )
    article = [
        C("Supplier and item", 1.43, "**{{ r.supplier }}**", more="{{ r.item }} ‹{{ r.evidence }}›"),
        C("Link", 0.82, "{{ r.determination }}"),
        C("Components", 0.82, "{{ r.components }}", right=True),
        C("Imports", 0.6, "{{ r.imports }}", right=True),
        C("Sales", 0.5, "{{ r.sales }}", right=True),
        C("Authorised", 0.77, "{{ r.authorised }}", right=True),
        C("Exempt", 0.66, "{{ r.exempt }}", right=True),
        C("Outcome", 0.9, "**{{ r.outcome }}**"),
    ]
    d.h2("Covered software, §791.303", "software")
    d.table(
        "r in nexus.software",
        "Covered software with an established or possible link",
        article,
        "No covered software with an established or possible link was found.",
    )
    d.h2("VCS hardware, §791.302", "hardware")
    d.table(
        "r in nexus.hardware",
        "VCS hardware with an established or possible link",
        article,
        "No VCS hardware with an established or possible link was found.",
    )
    d.h2("Suppliers and their ownership chains", "chains")
    d.choose("nexus.suppliers")
    d.loop("s in nexus.suppliers")
    d.p("{{ s.name }}", "Entry Heading")
    d.p("{{ s.sentence }} ‹{{ s.evidence }}› {{ s.findings }}")
    d.open("if s.steps")
    d.p(
        "Chain: {% for t in s.steps %}{{ t.from }} → {{ t.to }} ({{ t.kind }}{% if t.share %}, {{ t.share }}{% endif %}) ‹{{ t.evidence }}›"
        "{% if not loop.last %}; {% endif %}{% endfor %}."
    )
    d.close()
    d.open("if s.figure")
    d.figure("s", name="s.figure")
    d.close()
    d.end_loop()
    d.otherwise("No supplier with an established or possible link was found.")


def policies(d: Layout) -> None:
    d.h1("Effectiveness of corporate policies, §791.315(d)(3)", "policies")
    d.p("{{ policies.effectiveness.text }} ‹{{ policies.effectiveness.evidence }}›")
    d.p("{{ policies.conclusion }} Section {REF r:policies_reviewed} lists the documents read.")
    d.h2("Elements", "elements")
    d.table(
        "e in policies.elements",
        "Elements of the policies",
        [
            C("Element", 1.8, "{{ e.element }}"),
            C("Clause", 1.3, "{{ e.clause }}"),
            C("Document and place", 1.8, "{{ e.document }} ‹{{ e.evidence }}›"),
            C("Passages", 0.8, "{{ e.found }}", right=True),
            C("Confirmed", 0.8, "{{ e.confirmed }}"),
        ],
        "No element of a policy was examined.",
    )
    d.h2("Operation of controls", "controls")
    d.table(
        "c in policies.controls",
        "Controls tested",
        [
            C("Control", 2.4, "{{ c.control }} ‹{{ c.evidence }}›"),
            C("Population", 1.2, "{{ c.population }}", right=True),
            C("Tested", 0.85, "{{ c.tested }}", right=True),
            C("Exceptions", 0.95, "{{ c.exceptions }}", right=True),
            C("Outcome", 1.1, "**{{ c.outcome }}**"),
        ],
        "No control was tested.",
    )
    d.h2("Interviews and site visits", "fieldwork")
    d.table(
        "x in policies.fieldwork",
        "What interviews and site visits showed of the policies",
        [
            C("Interview or visit", 2.4, "{{ x.fieldwork }} ‹{{ x.evidence }}›"),
            C("Noted", 0.7, "{{ x.noted }}", right=True),
            C("Policy elements touched", 2.3, "{{ x.elements }}"),
            C("Outcome", 1.1, "**{{ x.outcome }}**"),
        ],
        "No interview and no site visit was recorded.",
    )
    deficiencies(d, "policies.findings", "No deficiency of the policies was found.")


def deficiencies(d: Layout, which: str, nothing: str) -> None:
    d.bullets(f"f in {which}", "**{{ f.id }}** {{ f.condition }} ‹{{ f.evidence }}›", nothing)


def authorizations(d: Layout) -> None:
    d.h1("Authorizations: vulnerabilities and deficiencies, §791.315(d)(4)", "authorizations")
    d.h2("Letters and versions", "versions")
    d.p(
        "Each letter is one version of its authorization; a transaction falls under the version in force on its date.",
        keep=True,
    )
    d.table(
        "v in authorizations.versions",
        "Letters of authorizations and the transactions under them",
        [
            C("Authorization", 1.25, "**{{ v.authorization }}**", more="{{ v.kind }}, letter of {{ v.version }}"),
            C("In force", 1.5, "{{ v.in_force }}"),
            C("Transactions", 1.15, "{{ v.transactions }}"),
            C(
                "Letter and publication",
                2.6,
                "Letter: {{ v.letter }} ‹{{ v.evidence }}›",
                more="Publication: {{ v.published }}",
            ),
        ],
        "No letter of an authorization was presented ‹{{ report.terms }}›.",
    )
    d.h2("Conditions", "conditions")
    d.table(
        "c in authorizations.conditions",
        "Conditions of authorizations and how they were kept",
        [
            C("Condition", 0.95, "{{ c.authorization }}, {{ c.condition }}"),
            C("Text of the letter", 2.45, "{{ c.text }}"),
            C("Outcome", 0.95, "**{{ c.outcome }}**"),
            C("Why", 2.15, "{{ c.reason }} ‹{{ c.evidence }}›"),
        ],
        "No authorization with conditions is in use.",
    )
    d.h2("Implementation: design and operation", "implementation")
    d.p(
        "For each condition and duty the table sets passages of the policies and statements of persons (design) beside what the log, the ledger and the tests show (operation). Passages and "
        "statements were found by words and not read for their adequacy.",
        keep=True,
    )
    d.table(
        "i in authorizations.implementation",
        "Implementation of authorizations",
        [
            C("Condition or duty", 1.2, "{{ i.authorization }}: {{ i.duty }}", more="{{ i.clause }}"),
            C("Design", 1.55, "{{ i.design }} ‹{{ i.evidence }}›"),
            C("Operation", 2.05, "{% if i.outcome != '–' %}**{{ i.outcome }}** {% endif %}{{ i.operation }}"),
            C("Gaps", 1.0, "{{ i.gaps }}"),
            C("Findings", 0.7, "{{ i.findings }}"),
        ],
        "No transaction was made under an authorization whose letter was presented.",
    )
    d.h2("Vulnerabilities and deficiencies", "deficiencies")
    d.bullets(
        "e in authorizations.effectiveness",
        "**{{ e.authorization }}** {{ e.text }} ‹{{ e.evidence }}›",
        "Nothing was concluded on the implementation of an authorization.",
    )
    deficiencies(
        d,
        "authorizations.findings",
        "No vulnerability or deficiency in the implementation of an authorization was found.",
    )


def findings(d: Layout) -> None:
    d.h1("Findings", "findings")
    d.p(
        "Each finding states the criteria, the condition found, its cause and its effect. Recommendations say whether they mend the condition or its cause."
    )
    d.h2("Findings one by one", "each_finding")
    d.choose("findings")
    d.loop("f in findings")
    d.p("{{ f.id }}  {{ f.title }}", "Entry Heading")
    d.pairs(
        [
            ("Clause, severity", "{{ f.clauses }}; {{ f.severity }}"),
            ("Criteria", "{{ f.criteria }}"),
            ("Condition", "{{ f.condition }} ‹{{ f.evidence }}›"),
            ("Cause", "{{ f.cause }} ‹{{ f.evidence_short }}›"),
            ("Effect", "{{ f.effect }}"),
            ("Transactions", "{{ f.transactions }}"),
            (
                "Recommendations",
                "{% if f.recommendations %}{% for r in f.recommendations %}{{ loop.index }}. {{ r.text }} {{ r.addresses }} {% endfor %}{% else %}{{ f.no_recommendation }}{% endif %}",
            ),
            ("Response", "{{ f.response }}"),
        ]
    )
    d.end_loop()
    d.otherwise("There is no finding.")


def actions(d: Layout) -> None:
    d.h1("Recommendations per transaction, §791.315(d)(5)", "recommendations")
    d.table(
        "r in recommendations",
        "Recommendations and the transactions to which they apply",
        [
            C("Finding", 0.6, "**{{ r.finding }}**"),
            C("Recommendation", 3.0, "{{ r.text }}"),
            C("Mends the", 0.75, "{{ r.addresses }}"),
            C("Transactions", 2.15, "{{ r.transactions }} ‹{{ r.evidence }}›"),
        ],
        "No recommendation is made.",
    )
    d.h1("Management responses and disagreements", "responses")
    d.table(
        "r in responses",
        "Responses of management; disagreements first",
        [
            C("Finding", 0.7, "**{{ r.finding }}**"),
            C("Position", 0.95, "**{{ r.agrees }}**"),
            C("By", 1.5, "{{ r.by }}, {{ r.date }}"),
            C("Response", 3.35, "{{ r.text }} ‹{{ report.terms }}›"),
        ],
        "No management response was received by {{ report.dated }}.",
    )


def limits(d: Layout) -> None:
    d.h1("Open questions, limitations and outstanding evidence", "open")
    d.h2("Open questions", "questions")
    d.table(
        "q in questions",
        "Points of judgement without an answer in force",
        [
            C("About", 1.7, "**{{ q.subject }}**", more="{{ q.clause }}"),
            C("Question", 3.4, "{{ q.question }}"),
            C("State", 1.4, "{{ q.state }}"),
        ],
        "Every question has an answer.",
    )
    d.h2("Limitations", "limitations")
    d.bullets("l in limitations", "{{ l }}", "No limitation was met.")
    d.h2("Evidence requests outstanding", "requests")
    d.table(
        "r in requests",
        "Evidence requested from the client and not yet received",
        [
            C("No.", 0.55, "**{{ r.id }}**"),
            C("What is missing", 2.5, "{{ r.what }}"),
            C("For", 1.35, "{{ r.subjects }}"),
            C("Clause and use", 2.1, "{{ r.clause }}: {{ r.settles }}"),
        ],
        "No evidence request is outstanding.",
    )
    d.h2("Calendar of deadlines", "deadlines")
    d.p(
        "All dates that follow from the facts of this engagement, seen from the date of the report. The same dates stand in the file deadlines.ics beside it.",
        keep=True,
    )
    d.table(
        "x in deadlines",
        "Deadlines by date; days are calendar days",
        [
            C("What", 1.85, "{{ x.what }}"),
            C("Date", 1.0, "{{ x.date }}", more="{{ x.state }}"),
            C("Clause", 1.0, "{{ x.clause }}"),
            C("Counted how, and what is open", 2.65, "{{ x.note }} ‹{{ x.evidence }}›"),
        ],
        "No date follows from the facts of this engagement.",
    )


def neighbouring(d: Layout) -> None:
    d.choose("neighbouring")
    d.h1("Neighbouring exposure outside subpart D", "neighbouring")
    d.p(
        "Subpart D is one part of the programme on information and communications technology and services. What follows lies outside of it and is named so that the reader can consider it; "
        "none of it decided anything in this report. Where the report tests a general authorization, the criteria are those of its letter in evidence and not what stands here. Each matter is as "
        "its source reports it, and the grade says how far that source carries."
    )
    d.table(
        "n in neighbouring",
        "Matters around subpart D, which decided nothing in this report",
        [
            C("Matter and date", 1.5, "**{{ n.title }}**", more="{{ n.date }}"),
            C("What is reported, and questions to consider", 3.2, "{{ n.statement }}", more="{{ n.asks }}"),
            C("Source and grade", 1.8, "{{ n.source }}", more="{{ n.grade }}"),
        ],
        "",
    )
    d.close()


def judgements(d: Layout) -> None:
    d.h1("Judgement register", "judgements")
    d.p(
        "Where the rule needs judgement, the assessor decided as follows. Each answer is bound to the digest of the facts that were shown; it goes stale when they change.",
        keep=True,
    )
    d.table(
        "j in judgements",
        "Judgements of the assessor",
        [
            C("About", 1.2, "**{{ j.subject }}**", more="{{ j.clause }}"),
            C("Question and answer", 2.2, "{{ j.question }}", more="**{{ j.answer }}** ({{ j.state }})"),
            C(
                "Rationale",
                3.1,
                "{{ j.rationale }}",
                more="{{ j.by }}, {{ j.role }}, {{ j.at }} ‹[facts {{ j.digest }}]›",
            ),
        ],
        "No judgement has been recorded.",
    )


def crosswalk(d: Layout) -> None:
    d.h1("Crosswalk to §791.315", "crosswalk")
    d.fixed(
        "Where this report meets each paragraph of §791.315",
        [0.85, 3.15, 2.5],
        ["Paragraph", "What it asks for", "Section"],
        [
            ["(b)", "A qualified and competent assessor", "{REF r:qualification} {REF t:qualification}"],
            ["(b)(1)", "An assessor that is not a person of the PRC or Russia", "{REF r:ownership} {REF t:ownership}"],
            ["(b)(2)", "Independence and financial incentives", "{REF r:independence} {REF t:independence}"],
            [
                "(c)(1)",
                "Supply chains identified and examined against the prohibitions",
                "{REF r:suppliers}, {REF r:determinations} and {REF r:nexus} {REF t:nexus}",
            ],
            [
                "(c)(2)",
                "Compliance relating to each declaration and authorization",
                "{REF r:each_conclusion} {REF t:each_conclusion}",
            ],
            ["(c)(3)", "A reliable methodology", "{REF r:approach} {REF t:approach}"],
            [
                "(c)(4)",
                "Acknowledgement of use by the U.S. government",
                "{REF r:acknowledgement} {REF t:acknowledgement}",
            ],
            [
                "(d)(1)",
                "Suppliers of each relevant component; nature of any foreign interest",
                "{REF r:suppliers} {REF t:suppliers}",
            ],
            [
                "(d)(2)",
                "Methodology: documents reviewed, personnel interviewed, facilities, equipment and systems examined",
                "{REF r:methodology} {REF t:methodology}",
            ],
            ["(d)(3)", "Effectiveness of corporate policies", "{REF r:policies} {REF t:policies}"],
            [
                "(d)(4)",
                "Vulnerabilities or deficiencies in the implementation of authorizations",
                "{REF r:authorizations} {REF t:authorizations}",
            ],
            [
                "(d)(5)",
                "Recommended improvements or changes, as applicable to each transaction",
                "{REF r:recommendations} {REF t:recommendations}",
            ],
            ["(e)", "Recordkeeping by the assessor", "{REF r:retention} {REF t:retention}"],
        ],
    )


def evidence(d: Layout) -> None:
    d.h1("Evidence index", "evidence_index")
    d.p(
        "The SHA-256 digest fixes the bytes that were examined; it can be checked with any tool that computes it, such as sha256sum.",
        keep=True,
    )
    d.table(
        "e in evidence",
        "Evidence items with their digests",
        [
            C("Item", 0.6, "{{ e.id }}"),
            C("File and SHA-256", 3.6, "{{ e.file }}", more="{{ e.sha256 }}", more_style="Table Code"),
            C("Kind, size, received", 1.25, "{{ e.kind }}", more="{{ e.size }}, {{ e.received }}"),
            C("Status", 1.05, "{{ e.status }}"),
        ],
        "No evidence was received.",
    )
    d.h1("Records and retention, §791.315(e)", "retention")
    d.p(
        "Primary business records of each transaction, and reports of third parties made for compliance with the rule, are to be available for at least ten years after the transaction (§791.312(a)). The "
        "assessor maintains all records of this assessment (§791.312(b)): the evidence as received with the digests above, the tables read from it, the judgement register, the workpapers, the results and "
        "this report."
    )
    d.table(
        "r in records",
        "Primary business records of the client by type",
        [
            C("Type of record", 3.2, "{{ r.record_type }} ‹{{ records_evidence }}›"),
            C("Expected", 1.1, "{{ r.expected }}", right=True),
            C("Held", 1.1, "{{ r.held }}", right=True),
            C("Missing", 1.1, "{{ r.missing }}", right=True),
        ],
        "No index of primary business records was examined.",
    )
    d.table(
        "r in record_sample",
        "Records drawn from the index and inspected",
        [
            C("Transaction", 1.4, "{{ r.kind }}"),
            C("Type of record", 1.7, "{{ r.record_type }} ‹{{ records_evidence }}›"),
            C("Index", 0.7, "{{ r.population }}", right=True),
            C("Drawn", 0.7, "{{ r.sample }}", right=True),
            C("Inspected", 0.8, "{{ r.inspected }}", right=True),
            C("Deviations", 0.8, "{{ r.deviations }}", right=True),
        ],
        "No record was drawn for inspection.",
    )


def assessment() -> Layout:
    """The assessment of §791.315(d)."""
    d = Layout()
    for chapter in (
        front,
        conclusions,
        assessor,
        scope,
        methodology,
        supply_chain,
        determinations,
        nexus,
        policies,
        authorizations,
        findings,
        actions,
        limits,
        neighbouring,
        judgements,
        crosswalk,
        evidence,
    ):
        chapter(d)
    return d


DOCUMENTS: dict[str, Callable[[], Layout]] = {
    made.__name__: made
    for made in (
        assessment,
        letters.requests,
        letters.management_letter,
        forms.supplier_attestation,
        forms.annual_confirmation,
        forms.advisory_opinion,
        letters.confidential_treatment,
    )
}
"""The shipped templates by the names of their files."""


def make(target: Path) -> None:
    """Write the template that has the name of `target`."""
    DOCUMENTS[target.stem]().save(target)


if __name__ == "__main__":
    for name in DOCUMENTS:
        make(HERE / f"{name}.docx")
    (HERE / "README.md").write_text(reference(), encoding="utf-8")
    print(f"{', '.join(f'{name}.docx' for name in DOCUMENTS)} and README.md are written to {HERE}.")
