"""What may be true of variants and effects, and what choosing one may cost.

Contender
    One variant: its number, and how it stands among the others.
beta_binomial
    Compare shares.
normal_contenders
    Compare means, ratios or any numbers whose estimates are normal, under a flat prior.
Posterior
    What may be true of the effect of a treatment.
normal_posterior
    Return what may be true of an effect whose estimate is normal.
"""

from cxresearch.stats.bayes.contenders import Contender, beta_binomial, normal_contenders
from cxresearch.stats.bayes.posteriors import Posterior, normal_posterior

__all__ = [
    "Contender",
    "Posterior",
    "beta_binomial",
    "normal_contenders",
    "normal_posterior",
]
