"""Lays out what the assessment found: suppliers, scope, links to the PRC or Russia, policies, authorizations. Texts as in `make.py`."""

from __future__ import annotations

from layout import Column as C
from layout import Layout


def supply_chain(d: Layout) -> None:
    d.landscape()
    d.h1("Suppliers of relevant components and foreign interests, §791.315(d)(1)", "suppliers")
    d.p(
        "A component is relevant when it is in scope or its scope is undetermined. A foreign interest is any interest of any nature, direct or indirect, by a person that is not a U.S. person "
        "(§791.301); it is not in itself a link to the PRC or Russia."
    )
    d.figures("suppliers")
    d.h2("Schedule of suppliers", "schedule")
    d.table(
        "s in suppliers",
        "Suppliers of relevant components and the nature of any foreign interest",
        [
            C("Supplier", 1.7, "**{{ s.name }}**", more="{{ s.supplier }}, {{ s.country }}, {{ s.tier }}"),
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
            C("Undetermined", 1.1, "{{ c.undetermined }}", right=True),
            C("Components", 3.7, "{{ c.names }} ‹{{ c.evidence }}›"),
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
    d.figures("determinations")
    d.h2("Reasons", "reasons")
    d.table(
        "r in scope.reasons",
        "Reasons of scope determinations",
        [
            C("Item", 1.15, "{{ r.item }}"),
            C("Determination", 0.95, "{{ r.scope }}"),
            C("Clause", 1.2, "{{ r.clause }}"),
            C("Reason", 2.35, "{{ r.reason }}"),
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
