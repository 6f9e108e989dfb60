"""How often customers buy again, until when and for how much, when nobody says that they leave.

PurchaseFit
    A model of repeat purchases (MBG/NBD, BG/NBD, Pareto/NBD) at the maximum of its likelihood.
fit_purchases
    Fit a model of repeat purchases by maximum likelihood.
SpendFit
    The Gamma-Gamma model of spend at the maximum of its likelihood.
fit_spend
    Fit the Gamma-Gamma model to the mean spend of customers.
"""

from cxresearch.stats.purchases.gamma_gamma import SpendFit, fit_spend
from cxresearch.stats.purchases.purchase_fits import PurchaseFit, fit_purchases

__all__ = ["PurchaseFit", "SpendFit", "fit_purchases", "fit_spend"]
