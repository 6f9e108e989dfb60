"""How far coders agree on the same units.

krippendorff_alpha
    Measure the agreement of any number of coders, who need not have coded every unit.
gwet_ac1
    Measure agreement in a way that does not fall where one code is rare.
percent_agreement
    Measure how often coders gave the same code, by chance or not.
cohen_kappa
    Measure the agreement of two coders, each with shares of codes of their own.
fleiss_kappa
    Measure the agreement of several coders who all coded every unit.
"""

from cxresearch.stats.agreement.coefficients import (
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    percent_agreement,
)

__all__ = [
    "cohen_kappa",
    "fleiss_kappa",
    "gwet_ac1",
    "krippendorff_alpha",
    "percent_agreement",
]
