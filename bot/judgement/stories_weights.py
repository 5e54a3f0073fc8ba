"""How much each measure of ``stories_score`` says that an item tells a story. Data, no rules.

Logistic regression on true and false candidates of the labelled sets, without those that a rule keeps apart;
``benchmarks/stories.py --fit`` prints it anew. First: members in the item's language.
"""

OWN_BIAS = -0.14
OWN = {
    "best": 3.70,
    "mean": 8.87,
    "title": -5.47,
    "mass": 1.36,
    "models_agree": 0.43,
    "numbers_agree": -0.21,
    "acts_agree": -0.60,
    "acts_opposed": -0.03,
    "soon": -0.41,
    "later": -3.04,
    "size": -0.11,
    "cover": 3.08,
    "proofs_later": 0.30,
    "act_later": 2.78,
    "age": -0.40,
    "act_new_later": -0.30,
    "heads": -0.90,
}
FOREIGN_BIAS = -1.50
FOREIGN = {
    "best": 4.44,
    "mean": 4.20,
    "title": -5.75,
    "mass": 0.46,
    "models_agree": 0.10,
    "numbers_agree": 2.79,
    "acts_agree": -1.28,
    "acts_opposed": 0.74,
    "soon": -0.55,
    "later": -3.48,
    "size": 0.02,
    "cover": 4.49,
    "proofs_later": 0.60,
    "act_later": -0.64,
    "age": -0.19,
    "act_new_later": -0.27,
    "heads": 0.16,
}
