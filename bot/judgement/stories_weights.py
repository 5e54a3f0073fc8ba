"""How much each measure of ``stories_score`` says that an item tells a story. Data, no rules.

Logistic regression on true and false candidates of the AI-chip set (weight 2), uci and allsides, without those that a
rule keeps apart; ``benchmarks/stories.py --fit`` prints it anew. First: members in the item's language.
"""

OWN_BIAS = 0.22
OWN = {
    "best": 3.00,
    "mean": 9.59,
    "title": -4.53,
    "mass": 1.20,
    "models_agree": 0.48,
    "numbers_agree": -0.18,
    "acts_agree": -0.65,
    "acts_opposed": -0.38,
    "soon": -0.45,
    "later": -3.14,
    "size": -0.09,
    "cover": 2.68,
    "proofs_later": 0.44,
    "act_later": 3.00,
    "age": -0.33,
    "act_new_later": -0.22,
    "heads": -1.03,
}
FOREIGN_BIAS = -1.22
FOREIGN = {
    "best": 4.28,
    "mean": 4.51,
    "title": -5.53,
    "mass": 0.51,
    "models_agree": 0.06,
    "numbers_agree": 2.57,
    "acts_agree": -1.52,
    "acts_opposed": 0.87,
    "soon": -0.47,
    "later": -3.45,
    "size": -0.06,
    "cover": 4.17,
    "proofs_later": 0.57,
    "act_later": -0.47,
    "age": -0.19,
    "act_new_later": -0.24,
    "heads": 0.05,
}
