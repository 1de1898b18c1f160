"""The form for lessons that every detail carries since 2022, used or not."""

from __future__ import annotations

from typing import Any

_GRADES = ("Kindergarten", *(f"Grade {number}" for number in range(1, 13)), "Higher Education")
_SUBJECTS = (
    "Science",
    "Math",
    "Engineering",
    "History",
    "Geography",
    "Art",
    "Languages",
    "Music",
    "Technology",
)


def _choice(kind: str, name: str, text: str, options: dict[str, str]) -> dict[str, Any]:
    return {
        "type": kind,
        "name": name,
        "required": "recommended",
        "save_as_component": False,
        "template": "taglist_select",
        "fieldname": kind,
        "default": text,
        "opts": options,
    }


EDU_PARTS: list[dict[str, Any]] = [
    _choice("grades", "Grade", "Choose a range", {str(15 + k): name for k, name in enumerate(_GRADES)}),
    _choice(
        "subjects", "Subject", "Choose a subject", {str(11 + k): name for k, name in enumerate(_SUBJECTS)}
    ),
    _choice("standards", "Standards", "Choose a requirement", {"3": "NGSS", "4": "CCSS"}),
    {"type": "overview", "name": "Overview and Background", "required": "required"},
    {"type": "plan", "name": "Lesson Plan and Activity", "required": "required"},
    {"type": "materials", "name": "Materials Needed", "required": "recommended"},
    {
        "type": "skills",
        "name": "Skills Learned",
        "label": "Enter each skill and press enter",
        "required": False,
        "template": "taglist",
        "fieldname": "skills",
        "default": "Choose Skills",
        "opts": [],
    },
    {"type": "duration", "name": "Duration of Lesson", "template": "textfield"},
    {"type": "prep", "name": "Preparation"},
    {
        "type": "assets",
        "name": "Handouts and Assets",
        "save_as_component": False,
        "label": "Upload any files",
        "template": "upload",
    },
    {"type": "assessment", "name": "Rubric and Assessment"},
    {"type": "references", "name": "References"},
]
"""Note ``opts``: a map when there are options, an empty list when there are none."""
