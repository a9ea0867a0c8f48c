"""What invoices say of an owner, as the owner or an operator gives it."""

from collections.abc import Mapping

from core.errors import InvalidField
from core.gst import PAN, STATES, complaint_about_gstin
from core.models import Owner

FIELDS = ("billing_name", "address", "state", "gstin", "pan")


def refuse_wrong(owner: Owner) -> None:
    """Refuse numbers that cannot be, and a GSTIN that does not fit the state or the PAN.

    :raises InvalidField: for the first that is wrong
    """
    if owner.state and owner.state not in STATES:
        raise InvalidField("state", "Give the two digits of the state, for example 29 for Karnataka.")
    if owner.pan and not PAN.fullmatch(owner.pan):
        raise InvalidField(
            "pan",
            "A PAN has five letters, the fourth for the kind of its holder, four digits and a letter: ABCPE1234F.",
        )
    if owner.gstin and (problem := complaint_about_gstin(owner.gstin, state=owner.state, pan=owner.pan)):
        raise InvalidField("gstin", problem)


def change_billing(owner: Owner, given: Mapping[str, str]) -> None:
    """Change what invoices say from now on; papers that are issued stay as they are.

    A GSTIN says the state and the PAN, which then need not be given.

    :raises InvalidField: if something of it cannot be
    """
    for name in FIELDS:
        setattr(owner, name, given.get(name, getattr(owner, name)))
    if owner.gstin and not complaint_about_gstin(owner.gstin, state="", pan=""):
        owner.state, owner.pan = owner.state or owner.gstin[:2], owner.pan or owner.gstin[2:12]
    refuse_wrong(owner)
    owner.save(update_fields=FIELDS)
