"""Descriptions of the names in the interface of flows, each with an example."""

from collections.abc import Mapping
from types import MappingProxyType

from kernel.http.descriptions import Word, euros

FLOW_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "NewFlow": Word(
            "A shopper's way through the funnel of an offer, named by its slug or its id.",
            {"slug": "starter-kit", "session_id": "visit-4711"},
        ),
        "Step": Word("A step of a flow.", "user_preferences"),
        "NewFlowStep": Word(
            "What the shopper chooses in a step.",
            {"step": "user_preferences", "data": {"experience_level": "beginner"}},
        ),
        "FlowView": Word("How far a shopper is in a funnel."),
        "FlowAnswerView": Word("A flow after a step, and what the step answers."),
        "FlowStepView": Word("A step of a flow."),
        "CustomisedOfferView": Word("An offer that the shopper may choose."),
        "flow_id": Word("The flow's id.", "019a2b3c-0005-7000-8000-000000000005"),
        "flow_type": Word("The kind of funnel, by the shop's own names.", "education"),
        "FlowView.status": Word("active, abandoned, completed or expired.", "active"),
        "FlowAnswerView.status": Word("active, abandoned, completed or expired.", "active"),
        "current_step": Word("The step whose turn it is; null after the purchase.", "package_selection"),
        "next_action": Word(
            "What to ask the shopper for; null where nothing is left to ask.", "select_course_package"
        ),
        "steps": Word("All steps, in their order."),
        "FlowStepView.name": Word("The step's name.", "user_preferences"),
        "FlowStepView.status": Word("completed, current or pending.", "completed"),
        "FlowStepView.at": Word("When the step was completed.", "2026-03-05T12:00:00Z"),
        "step": Word("The step's name.", "user_preferences"),
        "data": Word("What the shopper chooses; what it holds depends on the step."),
        "order_id": Word("The order that the flow has led to."),
        "FlowView.expires_at": Word("When the flow expires.", "2026-03-08T12:00:00Z"),
        "FlowAnswerView.expires_at": Word("When the flow expires.", "2026-03-08T12:00:00Z"),
        "customised_offers": Word("The packages, those that fit the shopper best first."),
        "CustomisedOfferView.name": Word("The offer's name.", "Starter kit"),
        "base_price": Word("The offer's price without any reduction.", euros(9900)),
        "matches": Word("How many of the preferences speak for the offer.", 1),
        "upsell_opportunities": Word("What is proposed beside the package."),
        "final_review": Word("The cart, with the derivation of every amount."),
    }
)
