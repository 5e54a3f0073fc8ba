"""How much each measure of ``stories_score`` says that an item tells a story. Data, no rules.

Logistic regression on true and false candidates of the labelled sets, without those that a rule keeps apart;
``benchmarks/stories.py --fit`` prints it anew. First: members in the item's language.
"""

OWN_BIAS = -0.03
OWN = {
    "best": 3.80,
    "mean": 8.74,
    "title": -5.51,
    "mass": 1.37,
    "models_agree": 0.44,
    "numbers_agree": -0.19,
    "acts_agree": -0.60,
    "acts_opposed": 0.04,
    "soon": -0.41,
    "later": -3.06,
    "size": -0.12,
    "cover": 3.06,
    "proofs_later": 0.30,
    "act_later": 2.82,
    "age": -0.40,
    "act_new_later": -0.29,
    "heads": -0.95,
}
FOREIGN_BIAS = -1.48
FOREIGN = {
    "best": 4.44,
    "mean": 4.18,
    "title": -5.75,
    "mass": 0.46,
    "models_agree": 0.10,
    "numbers_agree": 2.80,
    "acts_agree": -1.28,
    "acts_opposed": 0.77,
    "soon": -0.54,
    "later": -3.49,
    "size": 0.03,
    "cover": 4.49,
    "proofs_later": 0.60,
    "act_later": -0.58,
    "age": -0.19,
    "act_new_later": -0.27,
    "heads": 0.15,
}
