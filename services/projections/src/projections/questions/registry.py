"""All questions, in the order in which they are listed."""

from __future__ import annotations

from projections.questions.definitions.abandonment import ABANDONMENT
from projections.questions.definitions.campaigns import CAMPAIGNS
from projections.questions.definitions.checkout_operations import CHECKOUT_OPERATIONS
from projections.questions.definitions.churn import CHURN
from projections.questions.definitions.cohorts import COHORTS
from projections.questions.definitions.conversion import CONVERSION
from projections.questions.definitions.customers import CUSTOMER, CUSTOMERS
from projections.questions.definitions.executive import EXECUTIVE
from projections.questions.definitions.forecast_months import FORECAST_MONTHS
from projections.questions.definitions.forecasts import FORECASTS
from projections.questions.definitions.funnels import FUNNELS
from projections.questions.definitions.offer import OFFER
from projections.questions.definitions.offers import OFFERS
from projections.questions.definitions.product_customers import PRODUCT_CUSTOMERS
from projections.questions.definitions.products import PRODUCTS
from projections.questions.definitions.recommendations import RECOMMENDATIONS
from projections.questions.definitions.referrals import REFERRALS
from projections.questions.definitions.reported_figures import REPORTED_FIGURES
from projections.questions.question import Question

QUESTIONS: tuple[Question, ...] = (
    CONVERSION,
    PRODUCTS,
    PRODUCT_CUSTOMERS,
    CHECKOUT_OPERATIONS,
    *(OFFERS, OFFER, FUNNELS, ABANDONMENT, REFERRALS, CAMPAIGNS),
    CUSTOMERS,
    CUSTOMER,
    COHORTS,
    CHURN,
    EXECUTIVE,
    FORECASTS,
    FORECAST_MONTHS,
    RECOMMENDATIONS,
    REPORTED_FIGURES,
)
