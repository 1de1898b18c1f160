"""The shape of the answers by year: which keys, in which order.

About once a year the real API changed its answers without notice. Each vintage
equals recordings of that year; 2026 adds to 2025 what clients of that year read.
"""

from __future__ import annotations

from dataclasses import dataclass

YEARS = (2021, 2022, 2025, 2026)


@dataclass(frozen=True, slots=True)
class Vintage:
    """Keys of one year, in the recorded order."""

    year: int
    detail: tuple[str, ...]
    item: tuple[str, ...]
    summary: tuple[str, ...]
    """Of a user inside other answers."""
    user: tuple[str, ...]


def _keys(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_DETAIL_HEAD = """
id name thumbnail url public_url creator added modified is_published is_wip is_featured is_nsfw
"""
_DETAIL_FLAGS_2025 = "is_ai is_winner is_edu_approved is_printable "
_DETAIL_BODY = """
like_count is_liked collect_count is_collected comment_count is_watched default_image description
instructions description_html instructions_html details details_parts edu_details edu_details_parts
license allows_derivatives files_url images_url likes_url ancestors_url derivatives_url tags_url
tags categories_url file_count
"""
_DETAIL_COUNTS = """
app_id download_count view_count education remix_count make_count app_count root_comment_count
moderation is_derivative ancestors
"""
_DETAIL_2021 = (
    _DETAIL_HEAD
    + _DETAIL_BODY
    + " layout_count layouts_url is_private is_purchased in_library print_history_count "
    + _DETAIL_COUNTS
)
_DETAIL_2025 = (
    _DETAIL_HEAD
    + _DETAIL_FLAGS_2025
    + _DETAIL_BODY
    + " is_private is_purchased "
    + _DETAIL_COUNTS
    + " type_name is_banned is_comments_disabled needs_moderation is_decoy zip_data"
)

_ITEM_HEAD = """
id name url public_url created_at thumbnail preview_image creator is_private is_purchased is_published
"""
_ITEM_2021 = _ITEM_HEAD + " comment_count like_count tags is_nsfw"
_ITEM_2022 = _ITEM_HEAD + " comment_count make_count like_count tags is_nsfw"
_ITEM_2025 = (
    _ITEM_HEAD
    + """
is_featured is_edu_approved is_printable is_winner allows_derivatives comment_count make_count
like_count tags is_nsfw is_ai rank collect_count moderation is_banned needs_moderation is_decoy
is_comments_disabled
"""
)

_SUMMARY_HEAD = """
id name first_name last_name url public_url thumbnail count_of_followers count_of_following count_of_designs
"""
_SUMMARY_2021 = _SUMMARY_HEAD + " accepts_tips is_following location cover"
_SUMMARY_2025 = (
    _SUMMARY_HEAD
    + """
collection_count make_count accepts_tips is_following location cover is_admin is_moderator
is_featured is_verified
"""
)
_SUMMARY_2026 = _SUMMARY_2025 + " count_of_downloads is_exclusive membership_level"

_USER_HEAD = "id name first_name last_name full_name "
_USER_BODY = """
registered last_active cover_image things_url copies_url likes_url printers programs types skill_level
accepts_tips groups website twitter count_of_followers count_of_following count_of_designs
collection_count make_count like_count has_favorite favorite_count is_admin
"""
_USER_2021 = (
    _USER_HEAD
    + " url public_url thumbnail bio bio_html location country industry subindustry "
    + _USER_BODY
    + " is_following"
)
_USER_2025 = (
    _USER_HEAD
    + " email url public_url thumbnail bio level bio_html location country "
    + _USER_BODY
    + " is_moderator is_featured is_verified is_following"
)

VINTAGES: dict[int, Vintage] = {
    2021: Vintage(2021, _keys(_DETAIL_2021), _keys(_ITEM_2021), _keys(_SUMMARY_2021), _keys(_USER_2021)),
    2022: Vintage(
        2022,
        _keys(_DETAIL_2021 + " can_comment type_name"),
        _keys(_ITEM_2022),
        _keys(_SUMMARY_2021),
        _keys(_USER_2021),
    ),
    2025: Vintage(2025, _keys(_DETAIL_2025), _keys(_ITEM_2025), _keys(_SUMMARY_2025), _keys(_USER_2025)),
    2026: Vintage(2026, _keys(_DETAIL_2025), _keys(_ITEM_2025), _keys(_SUMMARY_2026), _keys(_USER_2025)),
}
