"""Audit samples: planned, drawn and evaluated so that anyone can check and repeat them (§791.315(c)(3), a reliable methodology).

    from assessor import sampling
    plan = sampling.plan(confidence="95%", tolerable="5%", population=400)
    sample = sampling.draw(ids, plan.sample_size, seed="5 3 6 1 1 4")
    proved = sampling.evaluate(sample_size=54, deviations=0, confidence="95%", population=400, tolerable="5%")
    print(proved.statement)

Rates are given as text ("0.05", "5%", "1/20") and stay exact; no float decides anything. A prohibition has no tolerable rate:
`prohibition=True` plans for detection and calls every exception a finding.
"""

from assessor.sampling.drawing import Draw, draw, ticket
from assessor.sampling.evaluating import Evaluation, evaluate, upper_bound
from assessor.sampling.planning import Plan, detection_power, plan
from assessor.sampling.population import Frame, frame

__all__ = [
    "Draw",
    "Evaluation",
    "Frame",
    "Plan",
    "detection_power",
    "draw",
    "evaluate",
    "frame",
    "plan",
    "ticket",
    "upper_bound",
]
