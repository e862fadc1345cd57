"""One spec as a flat JSON Schema that any validator of draft 2020-12 reads; knows no library and no facts."""

from __future__ import annotations

from typing import Any

from deliverqc.speclang.lint import DRAFT
from deliverqc.speclang.model import PACKAGE_CLAUSES, TEXT_CLAUSES, Spec, Unit


def plain_schema(spec: Spec) -> dict[str, Any]:
    """The spec with all that it extends and the integrity clauses in its `allOf`, without `x-extends` and `$ref`.

    A validator sees the x- keywords as annotations. It has two values where the judge has three: a fact that is
    missing fails `required` there, and `"x-null": "not_applicable"` means nothing to it. Demands whose fact nothing
    measures yet stay in `x-manual`, where it does not see them: its pass does not cover them. The integrity clauses on
    packages are in the schema of a spec for packages only, and the one on text in that of a spec for text only.
    """
    schema: dict[str, Any] = {
        key: value for key, value in spec.document.items() if key not in ("$schema", "$id", "x-extends")
    }
    of_packages = PACKAGE_CLAUSES if spec.unit is not Unit.PACKAGE else ()
    left_out = of_packages if spec.essence.holds == {"timed_text"} else (*of_packages, *TEXT_CLAUSES)
    schema["allOf"] = [one for one in schema["allOf"] if one.get("$anchor") not in left_out]
    return {"$schema": DRAFT, "$id": f"urn:deliverqc:spec:{spec.id}", "$comment": f"Resolved: {spec.full_id}", **schema}
