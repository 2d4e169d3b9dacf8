"""Lays out the end of the assessment: findings, recommendations, what is open, judgements, evidence. Texts as in `make.py`."""

from __future__ import annotations

from layout import Column as C
from layout import Layout


def findings(d: Layout) -> None:
    d.h1("Findings", "findings")
    d.p(
        "Each finding states the criteria, the condition found, its cause and its effect. Recommendations say whether they mend the condition or its cause."
    )
    d.figures("findings")
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


def changes(d: Layout) -> None:
    """What differs from an earlier engagement; the chapter is there where a comparison is kept."""
    d.landscape()
    d.choose("comparison.prior")
    d.h1("What changed since the earlier assessment, §791.305(e)", "changes")
    d.p(
        "Compared with {{ comparison.prior }} ‹{{ comparison.evidence }}›. {{ comparison.told }} What is proposed follows from what both sides say of who designs, develops, manufactures or supplies; what one side does not "
        "say is undetermined. Whether a change is material is for the assessor to judge, and for the declarant to report (§791.305(g)(3)).{% if comparison.standing %} {{ comparison.standing }}{% endif %}"
    )
    d.table(
        "k in comparison.counts",
        "Things compared, by kind",
        [
            C("Kind", 3.4, "{{ k.kind }} ‹{{ k.evidence }}›"),
            C("Added", 1.4, "{{ k.added }}", right=True),
            C("Gone", 1.4, "{{ k.gone }}", right=True),
            C("Changed", 1.4, "{{ k.changed }}", right=True),
            C("As before", 1.4, "{{ k.unchanged }}", right=True),
        ],
        "Nothing was compared.",
    )
    d.p(
        "Each row says whether a thing was added, is gone or changed. Values before are struck through, values now are underlined; items of the earlier register are written P-0001. {{ comparison.more }}",
        keep=True,
    )
    d.table(
        "x in comparison.changes",
        "What was added, is gone or changed",
        [
            C("Change", 0.75, "**{{ x.mark }}**", more="{{ x.kind }}"),
            C("What", 1.5, "{{ x.subject }}", more="{{ x.logged }}"),
            C("Before", 1.9, "«{{ x.before }}»", more="{{ x.prior }}"),
            C("Now", 1.9, "⟨{{ x.after }}⟩ ‹{{ x.evidence }}›"),
            C("Proposed", 2.0, "**{{ x.proposal }}**, {{ x.clause }}", more="{{ x.reason }}"),
            C("Assessor", 0.95, "{{ x.material }}"),
        ],
        "No change is to be shown.",
    )
    d.portrait()
    d.close()  # behind the break: left out, the chapter takes its own section with it and no other


def actions(d: Layout) -> None:
    d.h1("Recommendations per transaction, §791.315(d)(5)", "recommendations")
    d.table(
        "r in recommendations",
        "Recommendations and the transactions to which they apply",
        [
            C("Finding", 0.6, "**{{ r.finding }}**"),
            C("Recommendation", 2.35, "{{ r.text }}"),
            C("Addresses", 0.8, "{{ r.addresses }}"),
            C("Transactions", 2.75, "{{ r.transactions }} ‹{{ r.evidence }}›"),
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
    d.figures("deadlines")


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
            C("Kind, size, received", 1.15, "{{ e.kind }}", more="{{ e.size }}, {{ e.received }}"),
            C("Status", 1.15, "{{ e.status }}"),
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
            C("Type of record", 2.1, "{{ r.record_type }} ‹{{ records_evidence }}›"),
            C("Index", 0.7, "{{ r.population }}", right=True),
            C("Drawn", 0.7, "{{ r.sample }}", right=True),
            C("Inspected", 0.8, "{{ r.inspected }}", right=True),
            C("Deviations", 0.8, "{{ r.deviations }}", right=True),
        ],
        "No record was drawn for inspection.",
    )
