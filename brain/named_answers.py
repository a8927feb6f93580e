"""Which answer of the catalogue speaks for which canonical name, and what its text may speak."""

from __future__ import annotations

from collections.abc import Mapping

CONDITIONS: Mapping[str, str] = {
    "depression": "condition_depression_anxiety",
    "anxiety": "condition_depression_anxiety",
    "panic disorder": "condition_depression_anxiety",
    "PTSD": "condition_ptsd",
    "OCD": "condition_ocd",
    "bipolar disorder": "condition_bipolar",
    "borderline personality disorder": "condition_borderline",
    "eating disorder": "condition_eating",
    "dual diagnosis": "condition_co_occurring",
    "ADHD": "condition_adhd",
    "autism": "condition_adhd",
    "psychosis": "condition_psychosis",
}
"""How a condition is treated; what is not here is named in `specific_conditions_named`."""
LEVELS = {
    "partial hospitalization": "iop_vs_php",
    "inpatient": "iop_vs_inpatient",
    "residential": "iop_vs_inpatient",
    "weekly outpatient": "iop_vs_weekly",
    "detox": "iop_vs_detox",
    "sober living": "iop_vs_sober_living",
}
"""What an IOP is compared with."""
THERAPIES = {
    "CBT": "treatments_cbt_dbt",
    "DBT": "treatments_cbt_dbt",
    "EMDR": "treatments_trauma",
    "CPT": "treatments_trauma",
    "prolonged exposure": "treatments_trauma",
    "ERP": "treatments_erp",
    "group therapy": "treatments_group",
    "ACT therapy": "treatments_act_met",
    "motivational enhancement therapy": "treatments_act_met",
    **dict.fromkeys(
        ("TMS", "ketamine", "yoga", "art therapy", "music therapy", "equine therapy"),
        "treatments_other",
    ),
}
"""What a therapy is; what is not here is named in `treatments_named`."""
NEEDS = {
    "child protection": "other_child_protection",
    "DUI": "other_dui",
    "probation": "other_probation",
    "formal evaluation": "other_evaluations",
    "court requirement": "other_court",
    "letter or proof": "other_letters",
    "complaint": "other_complaints",
    "second opinion": "other_second_opinion",
    "change therapist": "other_change_therapist",
    "other language": "other_languages",
    "job at the center": "other_jobs",
    "outreach": "other_outreach",
    "out of state": "other_out_of_state",
    "veterans": "other_veterans",
    "special group": "other_veterans",
    "accreditation": "other_accreditation",
    "center license": "other_accreditation",
    "staff credentials": "other_staff",
    "other company": "other_companies",
}
"""Answers by need; of several needs the first of this order is answered."""
CLEAR_NEEDS = frozenset(
    {
        "child protection",
        "DUI",
        "probation",
        "formal evaluation",
        "court requirement",
        "accreditation",
        "staff credentials",
    }
)
"""Needs that a message can hardly name without meaning treatment, whatever it was taken for."""
PAYERS = {
    "Medicare": "insurance_coverage_medicare",
    "Medi-Cal": "insurance_coverage_medi_cal",
    "Medicaid": "insurance_coverage_medi_cal",
    "TRICARE": "insurance_coverage_veterans",
    "VA benefits": "insurance_coverage_veterans",
    "Covered California": "insurance_coverage_marketplace",
}
"""Public and other payers with an answer of their own."""
EDUCATION: Mapping[str, str] = {
    "depression": "education_depression",
    "anxiety": "education_anxiety_panic",
    "panic disorder": "education_anxiety_panic",
    "PTSD": "education_ptsd",
    "OCD": "education_ocd",
    "bipolar disorder": "education_bipolar",
    "substance use": "education_addiction",
}
"""What a condition is."""
BLUES = frozenset({"Anthem Blue Cross", "Blue Cross Blue Shield", "Blue Shield of California"})
"""Insurers that people take for each other."""
TEENS: Mapping[str, str] = {
    "eligibility": "eligibility_teen",
    "cost": "cost_teen",
    "insurance_coverage": "insurance_coverage_teen",
    "session_schedule": "session_schedule_teen",
    "program_length": "teens_what_to_expect",
    "what_to_expect": "teens_what_to_expect",
    "how_iop_works": "teens_what_to_expect",
    "what_is_iop": "teens_what_to_expect",
    "how_to_enroll": "teens_start",
    "find_program": "teens_start",
    "helping_loved_one": "adolescents_teens",
}
"""Answers by intent when a minor is meant: programs for teenagers differ."""
ONLY_FOR_TEENS = frozenset(answer for answer in TEENS.values() if answer.endswith("_teen"))
"""Those that nobody gets by a question's likeness, only when a minor was named."""
SAME_QUESTION = (
    "condition_",
    "iop_vs_",
    "treatments_",
    "other_",
    "insurance_coverage_accepted",
    "insurance_coverage_medi",
    "insurance_coverage_veterans",
    "eligibility_age",
    "session_schedule_evenings",
)
"""How the ids begin of narrower answers that name the same things as the answers chosen here."""
ALWAYS: Mapping[str, str] = {
    "insurer": "Blue Shield of California",
    "level": "partial hospitalization and sober living",
    "own_network": "Kaiser Permanente",
    "teen": "someone under 18",
}
SAMPLES: tuple[Mapping[str, str], ...] = tuple(
    {**ALWAYS, name: "Blue Shield of California"} for name in ("listed", "not_listed", "unknown")
)
"""What an answer may have to speak besides facts, in each way, with long names: to check texts."""
NAMES = frozenset().union(*SAMPLES)
"""Every variable that a text may put between braces for what a message names."""
