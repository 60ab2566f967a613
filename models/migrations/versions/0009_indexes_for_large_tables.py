"""indexes for a large register and log

Revision: 0009
Follows: 0008

SQLite takes an index for enough by itself only when all columns that are asked about stand in it, also that
of the index's own condition; without it, it read every entry of the register to count those of a theme.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

#: Columns of ``ix_initiative_in_register`` before.
COLUMNS = ["municipality_code", "theme", "phase", "place_key", "informed", "updated_at", "approved_at"]


def upgrade() -> None:
    _in_register([*COLUMNS, "withdrawn_at"])
    # The newest entries about leads, say, without sorting all of them.
    op.create_index("ix_audit_entry_object_kind_id", "audit_entry", ["object_kind", "id"])


def downgrade() -> None:
    op.drop_index("ix_audit_entry_object_kind_id", "audit_entry")
    _in_register(COLUMNS)


def _in_register(columns: list[str]) -> None:
    op.drop_index("ix_initiative_in_register", "initiative")
    op.create_index(
        "ix_initiative_in_register",
        "initiative",
        columns,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
