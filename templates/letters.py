"""Lays out the letters: evidence requests, management letter, cover letter for confidential treatment. Texts as in `make.py`."""

from __future__ import annotations

from form_layout import Form
from layout import Column as C


def requests() -> Form:
    """The client's evidence request list."""
    d = Form("Evidence requests")
    d.letterhead("What is still to be furnished for the assessment under 15 CFR 791.315")
    d.facts(
        [
            ("To", "{{ report.addressee }}"),
            ("Client", "{{ client.name }}; contact: {{ client.contact }} ‹{{ report.terms }}›"),
            ("Engagement", "{{ report.id }}, period {{ period.begin }} to {{ period.end }} ‹{{ report.terms }}›"),
            ("Requests", "{{ delivery.count }}, as of {{ delivery.dated }}"),
            ("Asked for by", "{{ delivery.due }} ‹{{ delivery.evidence }}›"),
            (
                "Questions to",
                "{% if assessor.team %}{{ assessor.team[0].name }}, {{ assessor.team[0].role }} ‹{{ report.terms }}›{% else %}The engagement names no team.{% endif %}",
            ),
        ]
    )
    d.p(
        "Each request names a document or fact without which a point of the assessment stays open. What does not arrive is never read as “no”: the point stays open in the report, and the report "
        "says so. The last day is a period of the terms of engagement and not of the rule."
    )
    d.h1("How to deliver", "how")
    d.points(
        "Send each document whole and in its own format (a spreadsheet as a spreadsheet, not as a picture), with its date and version, in one folder or archive.",
        "Name files so that the number of the request stands first, such as “R-01 shareholders’ agreement.pdf”. One file may answer several requests; section {REF r:answers} tells which.",
        "Where a document does not exist, or somebody else holds it, say so in writing and by whom. That is an answer too.",
        "Where a supplier holds a document confidential, it may furnish it itself; to BIS, suppliers may furnish theirs directly (§791.305(a)(1)(vii), (a)(2)(vi)).",
        "Say which pages hold confidential business information. The name and marks of §791.314(b) are needed for what is submitted to BIS.",
    )
    d.facts(
        [
            ("Deliver to", "{BLANK Secure address or folder, from the assessor}"),
            ("Delivered by", "{BLANK Name and office of who answers for the client}"),
        ]
    )
    d.h1("Requests", "requests")
    d.choose("request_groups")
    d.loop("g in request_groups")
    d.p("{{ g.title }}, {{ g.clause }}", "Heading 2")
    d.table(
        "r in g.requests",
        "{{ g.count }}: {{ g.title }}",
        [
            C("No.", 0.55, "**{{ r.id }}**"),
            C(
                "What is missing",
                2.3,
                "{{ r.what }}",
                more="For: {% for s in r.all_subjects %}{{ s }}{% if not loop.last %}; {% endif %}{% endfor %}",
            ),
            C("Why", 1.35, "{{ r.clause }}", more="{{ r.why }}"),
            C("What it settles", 1.3, "{{ r.settles }}"),
            C("Due and state", 1.0, "{{ r.due }}", more="{{ r.state }}"),
        ],
        "No request.",
    )
    d.end_loop()
    d.otherwise("No evidence request is outstanding.")
    d.h1("Answers", "answers")
    d.p("To be filled by the client, one row a request, and returned with the documents.", keep=True)
    d.table(
        "r in requests",
        "Answers of the client",
        [
            C("No.", 0.6, "**{{ r.id }}**"),
            C("Files, or why there are none", 3.1, "{BLANK File names, or why there is none}"),
            C("Date", 1.1, "{BLANK Date}"),
            C("By", 1.7, "{BLANK Name}"),
        ],
        "There is nothing to answer.",
    )
    d.signature("For the client", "the person who answers")
    return d


def management_letter() -> Form:
    """Findings for management, with room for its response to each."""
    d = Form("Management letter")
    d.letterhead("Findings and recommendations of the assessment under 15 CFR 791.315")
    d.facts(
        [
            ("To", "{{ report.addressee }}"),
            ("Client", "{{ client.name }}, {{ client.address }} ‹{{ report.terms }}›"),
            ("Engagement", "{{ report.id }}, period {{ period.begin }} to {{ period.end }} ‹{{ report.terms }}›"),
            ("Date", "{{ report.dated }}"),
            ("Criteria", "15 CFR part 791 subpart D ({{ rule.citation }}), text as of {{ rule.version }}"),
        ]
    )
    d.p(
        "This letter tells management what the assessment found and what it recommends, so that it can respond before the report is final. It replaces no part of the report, in which the work, the "
        "suppliers and the evidence are set out. References such as ‹[E-0004 row 12]› name an item of the report’s evidence index and the place in it."
    )
    d.h1("In short", "short")
    d.p(
        "**{{ summary.conclusion }}.** {{ summary.sentence }} There are {{ summary.findings }}: {{ summary.high }} of high, {{ summary.medium }} of medium and {{ summary.low }} of low severity. "
        "Still open: {{ summary.open_questions }} and {{ summary.requests }}."
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
    d.h1("Effectiveness of corporate policies", "policies")
    d.p("{{ policies.conclusion }} {{ policies.effectiveness.text }} ‹{{ policies.effectiveness.evidence }}›")
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
    d.h1("Findings by severity", "findings")
    d.choose("findings_by_severity")
    d.loop("s in findings_by_severity")
    d.h2("Severity {{ s.severity }}: {{ s.count }}", "severity")
    d.loop("f in s.findings")
    d.p("{{ f.id }}  {{ f.title }}", "Entry Heading")
    d.pairs(
        [
            ("Clause", "{{ f.clauses }}"),
            ("Criteria", "{{ f.criteria }}"),
            ("Condition", "{{ f.condition }} ‹{{ f.evidence }}›"),
            ("Cause", "{{ f.cause }} ‹{{ f.evidence_short }}›"),
            ("Effect", "{{ f.effect }}"),
            ("Transactions", "{{ f.transactions }}"),
        ]
    )
    d.table(
        "r in f.recommendations",
        "Recommendations on {{ f.id }}",
        [
            C("Recommendation", 3.0, "{{ r.text }}"),
            C("Condition or cause", 1.3, "{{ r.addresses }}"),
            C("For which transactions", 2.2, "{{ r.transactions }}"),
        ],
        "{{ f.no_recommendation }}",
    )
    d.pairs(
        [
            ("Response so far", "{{ f.response }}"),
            (
                "Position",
                "{CHOICE Management agrees} agrees   {CHOICE Management agrees in part} agrees in part   {CHOICE Management disagrees} disagrees",
            ),
            ("Response", "{BLANK Response of management to the finding}"),
            ("Action", "{BLANK What will be done, about the condition and about the cause}"),
            ("Responsible", "{BLANK Name and office}"),
            ("To be done by", "{BLANK Date}"),
        ]
    )
    d.end_loop()
    d.end_loop()
    d.otherwise("There is no finding.")
    d.h1("What is asked of management", "asked")
    d.p(
        "Please fill in the response to each finding and return this letter signed. A response is printed in the report as it is given; a disagreement is shown beside the finding and does not remove "
        "it. Without a response the report says that none was received."
    )
    d.facts([("Responses by", "{BLANK Day until which responses are asked for, from the assessor}")])
    d.signature("For management", "the officer who responds")
    d.signature("For the assessor", "the assessor who signs", ("Firm", "{{ assessor.firm }} ‹{{ report.terms }}›"))
    return d


def confidential_treatment() -> Form:
    """Cover letter of a submission to BIS with a request for confidential treatment, §791.314(b); last a page for those who send it."""
    d = Form("Request for confidential treatment", sender="client")
    d.letterhead("Cover letter to a submission with confidential business information, 15 CFR 791.314(b)")
    d.facts(
        [
            (
                "To",
                "Bureau of Industry and Security, U.S. Department of Commerce, {BLANK Office and address as BIS states them for this submission}",
            ),
            ("From", "{{ client.name }}, {{ client.address }} ‹{{ report.terms }}›"),
            ("Contact", "{{ client.contact }} ‹{{ report.terms }}›; {BLANK E-mail address and telephone}"),
            ("Date", "{BLANK Date of the letter}"),
        ]
    )
    d.h1("What is submitted", "submission")
    d.choices(
        "a Declaration of Conformity (§791.305)",
        "an application for a specific authorization (§791.307)",
        "a request for an advisory opinion (§791.310)",
        "a record furnished on demand (§791.313)",
        "other confidential business information",
    )
    d.facts([("Reference", "{BLANK Reference number or subject of the submission}")])
    d.h1("Files for which confidential treatment is requested", "files")
    d.p(
        "The name of each of these files begins with the characters “{{ confidential.prefix }}”. Each page that holds confidential business information bears “{{ confidential.mark }}” at its top; other pages are "
        "not marked (§791.314(b)). The files ticked go with this letter."
    )
    d.h2("Files of earlier or present submissions", "filings")
    d.choose("confidential.filings")
    d.loop("f in confidential.filings")
    d.p("{CHOICE Goes with this letter} {{ f.name }}", "Entry Heading")
    d.pairs(
        [
            ("Submitted as", "{{ f.file }}, {{ f.filed }}, pages: {{ f.pages }} ‹{{ f.evidence }}›"),
            ("Pages with it", "{{ f.holding }} ‹{{ f.evidence }}›"),
            ("Justification", "{BLANK Why these pages are not to be disclosed}"),
            (
                "Legal authority",
                "As stated with it: {{ f.authority }} ‹{{ f.evidence }}›. {BLANK Specific legal authority claimed}",
            ),
        ]
    )
    d.end_loop()
    d.otherwise("No file of a submission with a claim of confidential treatment is in evidence.")
    d.h2("Further documents marked as confidential", "items")
    d.choose("confidential.items")
    d.loop("f in confidential.items")
    d.p("{CHOICE Goes with this letter} {{ f.name }}", "Entry Heading")
    d.pairs(
        [
            ("Document", "{{ f.file }} ({{ f.kind }}, from {{ f.supplied_by }}) ‹{{ f.evidence }}›"),
            ("SHA-256", "{{ f.sha256 }}"),
            ("Pages with it", "{BLANK Page numbers}"),
            ("Justification", "{BLANK Why these pages are not to be disclosed}"),
            ("Legal authority", "{BLANK Specific legal authority claimed}"),
        ]
    )
    d.end_loop()
    d.otherwise("The register of evidence marks no document as confidential.")
    d.blanks(
        "Further files with this letter",
        [("File name", 2.6), ("Pages with such information", 1.4), ("Justification and authority", 2.5)],
        3,
    )
    d.h1("Statement", "statement")
    d.p(
        "Confidential business information is what 19 CFR 201.6 so defines. By submitting the files ticked or listed, the submitter represents that the information is exempt from public disclosure by the Freedom "
        "of Information Act (5 U.S.C. 552) or by another statute that it names here."
    )
    d.facts(
        [
            (
                "Justification",
                "\n{BLANK Statement that justifies non-disclosure, as far as it is common to all files}\n",
            ),
            ("Legal authority", "{BLANK Specific legal authority claimed}"),
        ]
    )
    d.signature("For the submitter", "an authorised person of the submitter")
    d.page_break()
    d.h1("Working page, to be taken out before the letter is sent", "check")
    d.p(
        "{{ assessor.firm }} drafted this letter from the file of engagement {{ report.id }}, in which {{ confidential.count }} with a claim stand. The claim, its grounds and the choice of what is submitted are the "
        "submitter’s; what it has not stated is blank. References such as ‹[E-0004 row 12]› name items of the evidence index and serve the check; BIS does not need them. The letter is written without confidential "
        "business information and bears no mark; if what is filled in changes that, mark its pages and name its file accordingly."
    )
    d.table(
        "f in confidential.filings",
        "What the assessment found of the files",
        [
            C("File", 1.7, "{{ f.file }} ‹{{ f.evidence }}›"),
            C("Pages with it, pages marked", 1.3, "{{ f.holding }}", more="marked: {{ f.marked }}"),
            C("Justification", 1.1, "{{ f.justification }}"),
            C("To mend first", 2.4, "{{ f.mend }}"),
        ],
        "No file with a claim was examined.",
    )
    d.table(
        "f in confidential.unstated",
        "Files of which the index does not say whether confidential treatment is claimed",
        [
            C("File", 3.2, "{{ f.file }} ‹{{ f.evidence }}›"),
            C("Submitted", 1.2, "{{ f.filed }}"),
            C(
                "Claim",
                2.1,
                "{CHOICE Confidential treatment is claimed} claimed   {CHOICE No confidential treatment is claimed} not claimed",
            ),
        ],
        "No file is without a statement whether confidential treatment is claimed.",
    )
    d.facts([("The assessment", "{{ confidential.report }} ‹{{ report.terms }}›")])
    d.choices(
        "The name of every file with such information begins as the rule asks.",
        "Every page with such information bears the mark at its top, and no other page does.",
        "The justification and the legal authority are filled in for every file.",
        "The submitter has chosen what is claimed; nothing is claimed that is public.",
    )
    return d
