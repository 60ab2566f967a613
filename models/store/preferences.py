"""Own choices of an account, such as keys: small, without content, gone with the account's row."""

from typing import Any

from sqlalchemy.orm import Session

from models.account import Account

#: Name of each choice that is kept, and what it holds.
NAMES = {"keys": "whether keys work, and which action has another key than usual"}


def set_preference(session: Session, account_id: int, name: str, value: Any) -> None:
    """Keep a choice, or forget it (``value`` None); other choices stay. The caller commits.

    Args:
        value: what JSON can hold.

    Raises:
        ValueError: ``name`` is no name of :data:`NAMES`.
    """
    if name not in NAMES:
        raise ValueError(f"{name!r} is no choice that is kept")
    account = session.get_one(
        Account, account_id, with_for_update={"key_share": True}, populate_existing=True
    )
    others = {key: kept for key, kept in (account.preferences or {}).items() if key != name}
    # A new dictionary, for changes within one are not seen.
    account.preferences = others if value is None else {**others, name: value}
    session.flush()
