"""Find the tenant whom an owner means, or make one who chooses a password by themselves."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from core.errors import DomainError, InvalidField
from core.models import Owner, Tenancy, Tenant, User
from core.services.operations.log_ins import people_named, ways_to_write
from core.services.operations.passwords import invite, link_to_choose, token_for

SOMEBODY_ELSE = "This belongs to somebody who is not a tenant. Give the tenant's own phone number or e-mail address."


class NotInvitable(DomainError):
    """The tenant has a password already, or is for somebody else to invite; the sentence says which."""

    code = "not_invitable"
    status_code = 409


@dataclass(frozen=True, slots=True)
class Invited:
    """A tenant, and how they come to a password.

    :ivar mailed_to: where a link was mailed to
    :ivar link: to hand to somebody who is new and has no e-mail address
    """

    tenant: Tenant
    mailed_to: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Whom an owner means."""

    name: str
    phone: str = ""
    email: str = ""


def invited(person: Person, *, by: Owner, now: datetime) -> Invited:
    """Return the tenant of this phone number or e-mail address; make one who is new. Called in a transaction.

    :raises InvalidField: if that is somebody who is no tenant, or two people, or nothing to be found by
    """
    if not person.phone and not person.email:
        raise InvalidField("tenant", "Give the tenant's phone number or e-mail address, so that they can log in.")
    if person.phone and ways_to_write(person.phone) == {"-"}:
        raise InvalidField("tenant", "Give a phone number of 7 to 15 digits, for example +91 98765 43210.")
    found = _known(person)
    if len(found) > 1:
        raise InvalidField("tenant", "The phone number and the e-mail address belong to different people.")
    if found:
        return _again(found[0], by, now=now)
    user = User(username=f"tenant-{secrets.token_hex(8)}", email=person.email)
    user.set_unusable_password()
    user.save()
    tenant = Tenant.objects.create(user=user, name=person.name, phone=person.phone)
    if person.email:
        return _mailed(tenant, by, now=now)
    return Invited(tenant, link=link_to_choose(token_for(user, "invitation")))


def invite_again(tenancy: Tenancy, *, now: datetime) -> Invited:
    """Invite the tenant of a tenancy anew; every link that was sent or handed over before is dead.

    A link is handed to an owner only if the tenant rents from nobody else: it leads into the tenant's account.

    :raises NotInvitable: if the tenant has a password, or cannot be invited by this owner
    """
    owner, tenant = tenancy.unit.property.owner, tenancy.tenant
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=tenant.user_id)
        if user.has_usable_password():
            raise NotInvitable(f"{tenant} has chosen a password already, and signs in with it.")
        if user.is_staff or not user.is_active:
            raise NotInvitable(f"{tenant} cannot be invited. Ask Zelton's staff.")
        if not user.email and tenant.tenancies.exclude(unit__property__owner=owner).exists():
            raise NotInvitable(f"{tenant} rents from another owner too, who invites them.")
        user.set_unusable_password()  # another one, which tokens name
        user.save(update_fields=["password"])
        tenant.user = user
        if user.email:
            return _mailed(tenant, owner, now=now)
        return Invited(tenant, link=link_to_choose(token_for(user, "invitation")))


def _known(person: Person) -> list[User]:
    names = [name for name in (person.phone, person.email) if name]
    return list({user.pk: user for name in names for user in people_named(name)}.values())


def _again(user: User, by: Owner, *, now: datetime) -> Invited:
    """Take somebody who is here already; nobody is handed a link to the account of a person they did not bring."""
    tenant = getattr(user, "tenant", None)
    if tenant is None or user.is_staff or not user.is_active:
        raise InvalidField("tenant", SOMEBODY_ELSE)
    return Invited(tenant) if user.has_usable_password() or not user.email else _mailed(tenant, by, now=now)


def _mailed(tenant: Tenant, by: Owner, *, now: datetime) -> Invited:
    invite(tenant.user, f"{by} lets you a home and invites you to pay your rent with Zelton.", now=now)
    return Invited(tenant, mailed_to=tenant.user.email)
