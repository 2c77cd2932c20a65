"""The procedure's own words for its codes, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from incidents.procedure import Procedure
    from incidents.procedure_parts import Names


class ProcedureNames:
    """Looks codes up; a code of another ruleset is shown as it is."""

    def __init__(self, procedure: Procedure) -> None:
        """Read the names from `procedure`."""
        self.adopt(procedure)

    def adopt(self, procedure: Procedure) -> None:
        """Read the names from another procedure from now on."""
        self._procedure = procedure
        self.severities = tuple(procedure.severities)
        self._roles = {role.code: role for role in procedure.file.roles}
        file = procedure.file
        self._tables: dict[str, Mapping[str, Names]] = {
            "from": procedure.stages,
            "to": procedure.stages,
            "impact": file.impacts,
            "scope": file.scopes,
            "root_cause": file.root_causes,
            "root_cause_before": file.root_causes,
            "disposition": file.dispositions,
            "class": procedure.classes,
            "class_before": procedure.classes,
            "nature": file.natures,
            "nature_before": file.natures,
            "detected_by": file.detected_by,
            "tlp": file.tlp,
            "role": self._roles,
            "grounds": file.grounds,
            "deadline": procedure.deadlines,
        }

    def stage(self, code: str, language: str) -> str:
        """Return the name of a stage."""
        return _name(self._procedure.stages, code, language)

    def incident_class(self, code: str, language: str) -> str:
        """Return the name of a class."""
        return _name(self._procedure.classes, code, language)

    def severity(self, code: str, language: str) -> str:
        """Return the name of a severity."""
        return _name(self._procedure.severities, code, language)

    def deadline(self, code: str, language: str) -> str:
        """Return the name of a deadline."""
        return _name(self._procedure.deadlines, code, language)

    def impact(self, code: str, language: str) -> str:
        """Return the name of an impact."""
        return _name(self._procedure.file.impacts, code, language)

    def scope(self, code: str, language: str) -> str:
        """Return the name of a scope."""
        return _name(self._procedure.file.scopes, code, language)

    def role(self, code: str, language: str) -> str:
        """Return the name of a role."""
        return _name(self._roles, code, language)

    def named(self, field: str, code: str, language: str) -> str:
        """Return the name of a code that stands in a field of an entry."""
        table = self._tables.get(field)
        return code if table is None else _name(table, code, language)

    def root_causes(self, language: str) -> list[tuple[str, str]]:
        """Return code and name of each root cause a person may choose."""
        return _choices(self._procedure.file.root_causes, language)

    def dispositions(self, language: str) -> list[tuple[str, str]]:
        """Return code and name of each reason why something was no incident."""
        return _choices(self._procedure.file.dispositions, language)


def _name(names: Mapping[str, Names], code: str, language: str) -> str:
    found = names.get(code)
    if found is None:
        return code
    return found.vi if language == "vi" else found.en


def _choices(names: Mapping[str, Names], language: str) -> list[tuple[str, str]]:
    return [(code, _name(names, code, language)) for code in names]
