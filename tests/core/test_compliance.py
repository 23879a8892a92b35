"""The score for what apps may expect: each expectation once, with a feature behind it that there is."""

from xmpp_wizard.core.compliance import REQUIREMENTS, STEPS, scores
from xmpp_wizard.core.features import all_features


def test_each_expectation_is_there_once_and_leads_to_a_feature() -> None:
    names = [step.name for step in STEPS]
    assert len(set(names)) == len(names)
    assert {requirement.feature for requirement in REQUIREMENTS} - {"calls"} <= {found.name for found in all_features()}


def test_the_score_counts_what_is_met_in_each_suite() -> None:
    everything = {step.name for step in STEPS}
    assert all(score.met == score.of > 0 for score in scores(everything))
    found = {score.suite: score for score in scores(everything - {"xep_0357"})}
    assert {suite for suite, score in found.items() if score.met < score.of} == {"Mobile", "Conversations", ""}
    assert (found[""].met, found[""].of) == (len(STEPS) - 1, len(STEPS))
    assert all(score.met == 0 for score in scores(set()))
