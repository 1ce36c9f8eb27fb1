"""The stored keys of customers. Guests are customers whose id is a pseudonym of their mailbox."""

from contracts.data_protection import SubjectKeys

CUSTOMER_KEYS = SubjectKeys(
    table="customer_keys",
    subject_column="customer_id",
    wrapping_label=b"feira wraps customer keys",
    secrets_table="kept_secrets",
    pseudonym_secret="guests",  # noqa: S106  # its name
    pseudonym_owner=b"names guests",
    pseudonym_label=b"feira names guests",
)
