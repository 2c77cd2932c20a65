"""What inventory and rules add to the words for public channels: what was checked, and the circuit.

Both were written by whoever keeps the policy, and refused there when they look like an address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.targets.targets import unit_node

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.rules.rules import Rule
    from collector.targets.targets import Targets
    from incidents.incident import Incident
    from incidents.procedure import Procedure

CARRIER = "third-party-failures"


def public_facts(
    incident: Incident, targets: Targets, rules: Iterable[Rule], procedure: Procedure
) -> tuple[str, ...]:
    """Return what was checked before anybody was told, and the carrier's circuit.

    The circuit is that of the target itself, or of the first line on the unit's way: of a whole
    unit only where the class of the incident lies with a carrier.
    """
    checked = next((rule.checked for rule in rules if rule.name == incident.rule), "")
    circuit = _circuit(incident, targets, procedure)
    return tuple(filter(None, (checked, f"Kênh {circuit}" if circuit else "")))


def _circuit(incident: Incident, targets: Targets, procedure: Procedure) -> str:
    for target in targets.by_name.values():
        if incident.host and incident.host in (target.name, target.label_vi):
            return targets.circuit_from(target.node)
    known = procedure.classes.get(incident.class_code)
    if incident.host or known is None or known.root_cause != CARRIER:
        return ""
    return targets.circuit_from(unit_node(incident.unit))
