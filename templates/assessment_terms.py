"""Lays out the beginning of the assessment: cover, conclusions, the assessor, what was assessed and how. Texts as in `make.py`."""

from __future__ import annotations

from layout import Column as C
from layout import Layout


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
            ("Annexes", "{{ report.annexes }}"),
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
            C("Section", 0.95, "{{ p.clause }}"),
            C("Examined", 1.55, "{{ p.population }} ‹{{ p.evidence }}›"),
            C("Work done", 3.4, "{{ p.work }}"),
            C("Tests", 0.6, "{{ p.tests }}", right=True),
        ],
        "No procedure was performed.",
    )
    d.h2("Completeness of populations", "populations")
    d.p(
        "What the procedures conclude on was first held against itself and against other sources. A gap in a series is no error before it is explained; what stands twice and may stand "
        "only once is told; where nothing allows a comparison, completeness is open."
    )
    d.table(
        "x in methodology.populations",
        "Populations, and what they were held against",
        [
            C("Population", 1.25, "{{ x.population }}"),
            C("Held against", 1.35, "{{ x.against }}"),
            C("Outcome", 0.95, "{{ x.outcome }}", more="{{ x.clause }}"),
            C("What was found", 2.95, "{{ x.told }} ‹{{ x.evidence }}›"),
        ],
        "The completeness of no population was tested.",
    )
    d.h2("Samples and whole populations", "samples")
    d.p(
        "Every deviation is told as an exception or a finding: the rule tolerates no rate of them, and what was not examined offsets none. Samples are drawn simple random, by the smallest "
        "SHA-256 of seed and item; the seed is {{ methodology.seed }} ‹{{ report.terms }}›. With the population, whose digest the workpapers give beside the items drawn, anyone can repeat a draw. No sample, and no "
        "examination of all, says anything of what a population leaves out."
    )
    d.table(
        "x in methodology.samples",
        "What samples and whole populations prove",
        [
            C("Population", 2.3, "{{ x.sample }}, {{ x.clause }}", more="{{ x.items }} items; {{ x.completeness }}"),
            C("Drawn", 0.6, "{{ x.size }}", right=True),
            C("Seen", 0.55, "{{ x.examined }}", right=True),
            C("Wrong", 0.6, "{{ x.deviations }}", right=True),
            C("What it proves", 2.45, "{{ x.proves }}"),
        ],
        "No population was sampled or examined as a whole.",
    )
    d.table(
        "x in methodology.own_samples",
        "Samples of the assessor's own",
        [
            C("Sample", 2.3, "{{ x.sample }}", more="{{ x.population }}; {{ x.items }} items; recorded by {{ x.by }}"),
            C("Drawn", 0.6, "{{ x.size }}", right=True),
            C("Seen", 0.55, "{{ x.examined }}", right=True),
            C("Wrong", 0.6, "{{ x.deviations }}", right=True),
            C("What it proves", 2.45, "{{ x.proves }}", more="{{ x.drawn }}"),
        ],
        "The assessor planned no sample beside these.",
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
