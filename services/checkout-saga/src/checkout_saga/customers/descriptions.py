"""The vocabulary of the interface about customers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kernel.http.descriptions import Word

FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "CustomerProfile": Word(
            "What prices, promotions and prerequisites depend on.",
            {"segments": ["vip"], "qualifications": ["welding-1"], "email_verified": True},
        ),
        "CustomerView": Word("The customer's profile, without the person."),
        "segments": Word("The groups that the customer belongs to, as the shop has set them.", ["press"]),
        "automatic_segments": Word(
            "The groups that follow from paid orders: new (one), returning (2 or more), vip (5 or more).",
            ["new"],
        ),
        "NewCustomer": Word(
            "A person with an account.",
            {"id": "customer-42", "email": "ana@example.com", "name": "Ana", "locale": "pt-BR"},
        ),
        "NewCustomer.id": Word("The shop's own id of the customer; null for a new one.", "customer-42"),
        "NewCustomer.name": Word("The person's name.", "Ana"),
        "CustomerChange": Word("What has changed.", {"phone": "+351912345678"}),
        "CustomerChange.name": Word("The person's name.", "Ana"),
        "CustomerChange.email": Word("The person's address.", "ana@example.com"),
        "phone": Word("The person's telephone number by E.164.", "+351912345678"),
        "tax_id": Word("The person's tax number.", {"type": "br_cpf", "value": "529.982.247-25"}),
        "TaxId": Word("A tax number. Stored encrypted under the customer's own key."),
        "TaxId.type": Word("Of a person (br_cpf) or of a company (br_cnpj).", "br_cpf"),
        "TaxId.value": Word("The number; separators are left out.", "529.982.247-25"),
        "TaxIdView": Word("A tax number."),
        "TaxIdView.type": Word("Of a person (br_cpf) or of a company (br_cnpj).", "br_cpf"),
        "TaxIdView.value": Word("The number, without separators.", "529.982.247-25"),
        "PersonView": Word("A customer with what is known of the person."),
        "PersonView.email": Word("The person's address.", "ana@example.com"),
        "PersonView.name": Word("The person's name.", "Ana"),
        "guest": Word("Whether the id follows from an address alone.", False),
        "linked": Word("The guests who are the same person.", ["3f0d6a2e-5b1c-5e1f-9a63-2b7f4c1d8e90"]),
        "account_id": Word("Of a guest: the account that linked it last.", None),
        "erased": Word("Whether the personal data was erased, and none has come since.", False),
        "Preferences": Word("Which messages the customer wants.", {"cart_recovery": False}),
        "PreferencesView": Word("Which messages the customer wants."),
        "preferences": Word("By kind of message: whether it is wanted.", {"cart_recovery": False}),
        "cart_recovery": Word("Messages about abandoned carts.", False),
        "order_shipped": Word("Messages about goods that have left.", False),
        "return_approved": Word("Messages about returns that may be sent.", False),
        "reward_granted": Word("Messages about rewards for referrals.", False),
        "qualifications": Word(
            "Product ids or outside keys that fulfil prerequisites of certifications.", ["welding-1"]
        ),
        "email_verified": Word("Whether the shop has verified the customer's address.", True),
        "NewContact": Word(
            "Where messages about carts go.",
            {"email": "ana@example.com", "name": "Ana", "locale": "pt-BR", "recovery": True},
        ),
        "NewContact.name": Word("The customer's name.", "Ana"),
        "NewContact.customer_id": Word(
            "The shop's own id of the customer; null for a guest, whose id follows from the address.",
            "customer-42",
        ),
        "GuestLink": Word("A guest who is the same person.", {"guest_email": "ana@example.com"}),
        "guest_email": Word(
            "The address that the guest bought with; the caller vouches that it is the customer's.",
            "ana@example.com",
        ),
        "LinkView": Word("The link, without the address."),
        "guest_id": Word(
            "The guest's customer id, which follows from the address.",
            "3f0d6a2e-5b1c-5e1f-9a63-2b7f4c1d8e90",
        ),
        "ContactView": Word("The contact without its address."),
        "locale": Word("The language and country of messages; null: English.", "pt-BR"),
        "recovery": Word("Whether the customer agrees to messages about abandoned carts.", True),
    }
)
