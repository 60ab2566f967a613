"""cursors, checks at the source, errands and hand-ins

Revision: 0005
Follows: 0004

Columns are added to ``item``, ``lead`` and ``source`` as they stand, without copying the tables: on SQLite a
copy would lose the triggers of 0004, and take minutes at a million leads.
"""

from collections import defaultdict
from datetime import UTC, date
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

#: Table -> columns that are new.
NEW: dict[str, list[tuple[str, Any, str | None]]] = {
    "source": [
        ("added_by_id", sa.Integer, None),
        ("added_at", sa.DateTime(timezone=True), None),
        ("cursor", sa.JSON, "{}"),
        ("paused_by_id", sa.Integer, None),
        ("signs", sa.JSON, "[]"),
    ],
    "item": [
        ("native_id", sa.String, ""),
        ("account_key", sa.String, None),
        ("checked_at", sa.DateTime(timezone=True), None),
        ("gone_at", sa.DateTime(timezone=True), None),
    ],
    "lead": [("source_gone_at", sa.DateTime(timezone=True), None)],
    "run": [("signs", sa.JSON, "[]")],
}


def upgrade() -> None:
    for table, columns in NEW.items():
        for name, kind, default in columns:
            column = sa.Column(name, kind, server_default=default, nullable=default is None)
            op.add_column(table, column)
    op.create_index(
        "ix_item_gone_at",
        "item",
        ["gone_at"],
        sqlite_where=sa.text("gone_at IS NOT NULL"),
        postgresql_where=sa.text("gone_at IS NOT NULL"),
    )

    op.create_table(
        "errand",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("source_key", sa.String(), nullable=True),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["asked_by_id"], ["account.id"], name=op.f("fk_errand_asked_by_id_account")),
        sa.ForeignKeyConstraint(["source_key"], ["source.key"], name=op.f("fk_errand_source_key_source")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_errand")),
    )
    op.create_index(
        "ix_errand_waiting",
        "errand",
        ["asked_at"],
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )

    op.create_table(
        "handed_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("municipality_code", sa.String(), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("consent", sa.Boolean(), nullable=True),
        sa.Column("own", sa.Boolean(), nullable=False),
        sa.Column("handed_in_by_id", sa.Integer(), nullable=True),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("origin_key", sa.String(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(32), nullable=True),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["handed_in_by_id"], ["account.id"], name=op.f("fk_handed_in_handed_in_by_id_account")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_handed_in_item_id_item")),
        sa.ForeignKeyConstraint(
            ["municipality_code"],
            ["municipality.code"],
            name=op.f("fk_handed_in_municipality_code_municipality"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handed_in")),
        sa.UniqueConstraint("origin_key", name=op.f("uq_handed_in_origin_key")),
    )
    op.create_index(op.f("ix_handed_in_handed_in_by_id"), "handed_in", ["handed_in_by_id"])
    op.create_index(op.f("ix_handed_in_item_id"), "handed_in", ["item_id"])
    op.create_index(
        "ix_handed_in_waiting",
        "handed_in",
        ["handed_in_at"],
        sqlite_where=sa.text("taken_at IS NULL"),
        postgresql_where=sa.text("taken_at IS NULL"),
    )

    op.create_table(
        "upload",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("mistakes", sa.JSON(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_upload_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
    )
    op.create_index(op.f("ix_upload_account_id"), "upload", ["account_id"])

    op.create_table(
        "source_day",
        sa.Column("source_key", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("drafts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["source_key"], ["source.key"], name=op.f("fk_source_day_source_key_source")),
        sa.PrimaryKeyConstraint("source_key", "day", name=op.f("pk_source_day")),
        sqlite_with_rowid=False,
    )
    _add_up_visits()


def _add_up_visits() -> None:
    """Fill ``source_day`` from the log of visits, one source after the other."""
    run = sa.table(
        "run",
        sa.column("source_key", sa.String()),
        sa.column("finished_at", sa.DateTime(timezone=True)),
        sa.column("outcomes", sa.JSON()),
        sa.column("problem", sa.String()),
    )
    source_day = sa.table(
        "source_day",
        sa.column("source_key", sa.String()),
        sa.column("day", sa.Date()),
        *(sa.column(name, sa.Integer()) for name in ("visits", "new", "drafts")),
    )
    zone = ZoneInfo("Europe/Amsterdam")
    connection = op.get_bind()
    for key in connection.scalars(sa.select(run.c.source_key).distinct()).all():
        days: dict[date, list[int]] = defaultdict(lambda: [0, 0, 0])
        visits = sa.select(run).where(run.c.source_key == key, run.c.finished_at.is_not(None))
        for row in connection.execute(visits):
            # SQLite gives UTC back without saying so.
            at = row.finished_at if row.finished_at.tzinfo else row.finished_at.replace(tzinfo=UTC)
            day = days[at.astimezone(zone).date()]
            fine = row.problem is None
            day[0] += fine
            day[1] += row.outcomes.get("new", 0)
            day[2] = max(day[2], sum(row.outcomes.values()) if fine else 0)
        if days:
            op.bulk_insert(
                source_day,
                [
                    {"source_key": key, "day": day, "visits": visits, "new": new, "drafts": drafts}
                    for day, (visits, new, drafts) in days.items()
                ],
            )


def downgrade() -> None:
    for table in ("source_day", "upload", "handed_in", "errand"):
        op.drop_table(table)
    op.drop_index("ix_item_gone_at", "item")
    for table, columns in NEW.items():
        for name, _, _ in columns:
            op.drop_column(table, name)
