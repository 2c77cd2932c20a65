"""Which ruleset and paging policy an incident goes by: those that were in force when it began.

They are found by the digest in its first entry, whatever the policy directory holds today. A file
from before digests goes by the id of its ruleset, else by what is in force.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from incidents.oncall_file import NO_ONCALL, kept_oncall
from incidents.paging_policy import kept_policy, still_usable
from incidents.procedure import kept_procedure
from incidents.yaml_lines import InvalidDocument

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from incidents.desk_store import DeskTransaction
    from incidents.levels import Plan
    from incidents.oncall_file import Oncall
    from incidents.paging_policy import PagingPolicy
    from incidents.procedure import Procedure
    from incidents.rulesets import Rulesets
    from incidents.state import Incident

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Rules(NamedTuple):
    """What one incident goes by; without a plan, the list of recipients alone is told."""

    procedure: Procedure
    policy: PagingPolicy
    plan: Plan | None = None


class Shelf:
    """The rulesets and the policy of today, and those that open incidents still go by."""

    def __init__(
        self,
        rulesets: Rulesets,
        policy: PagingPolicy,
        now: datetime | None,
        oncall: Oncall = NO_ONCALL,
    ) -> None:
        self.rulesets, self.policy, self.oncall = rulesets, policy, oncall
        self.procedure = rulesets.newest if now is None else rulesets.at(now)
        self._procedures: dict[str, Procedure] = {p.digest: p for p in rulesets.procedures}
        self._policies: dict[str, PagingPolicy] = {policy.digest: policy}
        self._oncalls: dict[str, Oncall] = {oncall.digest: oncall}

    def follow(self, now: datetime) -> None:
        """Let the ruleset that is in force now be the one of today."""
        self.procedure = self.rulesets.at(now)

    def rules_of(self, tx: DeskTransaction, incident: Incident) -> Rules:
        """Return what an incident goes by."""
        return Rules(self.procedure_of(tx, incident), self._policy_of(tx, incident.paging_digest))

    def procedure_of(self, tx: DeskTransaction, incident: Incident) -> Procedure:
        """Return the ruleset that was in force when an incident was detected."""
        kept = _kept(tx, incident.ruleset_digest, self._procedures, kept_procedure)
        return kept or self.rulesets.find(incident.ruleset) or self.procedure

    def oncall_of(self, tx: DeskTransaction, incident: Incident) -> Oncall | None:
        """Return the levels that were in force when an incident was raised; None: there were none.

        One whose levels cannot be read any more goes by those of today.
        """
        if not incident.oncall_digest:
            return None
        return _kept(tx, incident.oncall_digest, self._oncalls, kept_oncall) or self.oncall

    def _policy_of(self, tx: DeskTransaction, digest: str) -> PagingPolicy:
        if digest == self.policy.digest:
            return self.policy

        def usable(content: str) -> PagingPolicy:
            return still_usable(kept_policy(content), self.policy)

        return _kept(tx, digest, self._policies, usable) or self.policy


def _kept(
    tx: DeskTransaction, digest: str, known: dict[str, T], read: Callable[[str], T]
) -> T | None:
    if not digest:
        return None
    if digest not in known:
        content = tx.kept(digest)
        if content is None:
            _log.error("no content is kept under the digest %s; what is in force is used", digest)
            return None
        try:
            known[digest] = read(content)
        except (InvalidDocument, ValueError, TypeError) as error:
            _log.error("the kept content %s cannot be used: %s", digest[:12], error)
            return None
    return known[digest]
