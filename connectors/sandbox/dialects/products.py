"""Habits of eight products, as their documentation and their users describe them; where neither says, the standard's way stands.

[DOC], [3P], [ISS] and [CODE] say where a habit is known from: documentation, a third party's, reports of users, a client's source.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from connectors.sandbox.dialects.habits import Errors, Habits, MemberForm, Pages, Publishes, Shown, UserPut, WhenInactive

_BY_NAME = frozenset({"userName", "externalId", "displayName"})

PRODUCTS: Mapping[str, Habits] = MappingProxyType(
    {
        # 100 a page and only by cursor; no startIndex, attributes or excludedAttributes; groups without members, which a filter on groups.value
        # finds [DOC]. One entry of each multi-valued attribute, and no roles, entitlements or password [DOC]. 100 changes of members a
        # request, never all of them at once, and no PUT of a group [DOC]; removals as an array of values [CODE]. One sentence for nearly
        # every mistake, with a request id [ISS]. Schemas and kinds of resources are listed [DOC].
        "aws-iam-identity-center": Habits(
            pages=Pages.CURSOR,
            filters=_BY_NAME | {"groups.value"},
            projections=False,
            publishes=Publishes.WITH_TYPES,
            shows_members=False,
            required=("userName", "name.givenName", "name.familyName", "displayName"),
            refused_attributes=frozenset({"roles", "entitlements", "password", "groups", "ims", "photos"}),
            single_entries=frozenset({"emails", "phoneNumbers", "addresses"}),
            group_put=False,
            member_forms=frozenset({MemberForm.VALUE_ARRAY}),
            most_member_changes=100,
            replaces_members=False,
            errors=Errors.AWS,
            duplicate="Refused to create a new, duplicate resource.",
            unusable="Request is unparsable, syntactically incorrect, or violates schema.",
        ),
        # 10 a page unless more is asked for, 1,000 at most and more is cut; ServiceProviderConfigs; DELETE deactivates; 429 with
        # Retry-After [DOC].
        "slack": Habits(default_page=10, max_page=1000, plural_config=True, deletes_users=False, retry_after="0"),
        # No filter in any path; a User-Agent; a deactivated user keeps its place in the list under an obscured login and address [DOC].
        "github-enterprise": Habits(
            needs_user_agent=True,
            when_inactive=WhenInactive.OBSCURED,
            path_filters=False,
            member_forms=frozenset({MemberForm.VALUE_ARRAY}),
        ),
        # One eq on userName or externalId; a deactivated user answers 404; an e-mail address on a verified domain [3P]. The name of a group
        # stays, and schemas are listed without kinds of resources [DOC].
        "atlassian": Habits(
            filters=_BY_NAME,
            publishes=Publishes.SCHEMAS,
            verified_domain="corp.example",
            when_inactive=WhenInactive.HIDDEN,
            renames_groups=False,
        ),
        # A PATCH of a user changes `active` alone, a PUT merges [DOC]; `externalId eq` asks for Zoom's own id [DOC], which holds an ampersand [3P].
        "zoom": Habits(
            filters=_BY_NAME,
            external_id_is_own=True,
            odd_ids=True,
            user_put=UserPut.MERGES,
            patches_only_active=True,
        ),
        # 200 a page; no far startIndex, `id gt` instead [ISS]; ServiceProviderConfigs, DELETE deactivates, members inside an object [DOC]; 409
        # without a profile, `schemas` as a text, errors of SCIM 1.1 [ISS].
        "salesforce": Habits(
            max_page=200,
            furthest_start=2200,
            operators=frozenset({"eq", "gt"}),
            plural_config=True,
            schemas_as_text=True,
            needs_profile=True,
            deletes_users=False,
            member_forms=frozenset({MemberForm.WRAPPED}),
            errors=Errors.OLD,
        ),
        # No pages and no PUT, which is a 404 in HTML; 20 operations of a user, 2 of a group, one member a request and removals by a filter; `{}`
        # is the answer to a change [DOC, ISS].
        "google-cloud-identity": Habits(
            pages=Pages.NONE,
            user_put=UserPut.ABSENT,
            most_operations=20,
            group_put=False,
            member_forms=frozenset({MemberForm.FILTER}),
            most_member_changes=1,
            most_group_operations=2,
            shown=Shown.EMPTY_OBJECT,
        ),
        # 200 a page, one eq; names required; the primary e-mail address is marked, and is the userName [DOC].
        "veza": Habits(
            max_page=200,
            required=("userName", "name.givenName", "name.familyName", "displayName"),
            mail_is_login=True,
        ),
    }
)
"""By the name of the dialect that the connector has for each."""

LAPSES: Mapping[str, Habits] = MappingProxyType(
    {
        # 201 to a new group, whose members are dropped, as django-scim2 was seen to answer.
        "drops-new-members": Habits(drops_new_members=True),
    }
)
"""Habits of no product that has a dialect, in which servers were seen to answer that all is well when it is not; for rehearsals and tests."""
