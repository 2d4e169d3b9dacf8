"""Engagements in object storage, by addresses as of fsspec."""

from __future__ import annotations

from assessor.errors import BatchError


def is_address(where: str) -> bool:
    """Whether it is an address such as `s3://bucket/engagements`, and no path."""
    return "://" in where


def engagements(root: str) -> list[tuple[str, str]]:
    """Name and address of each engagement at an address."""
    raise BatchError(f"{root} is an address, which this version does not read yet; name a folder.")
