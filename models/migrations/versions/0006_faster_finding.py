"""faster finding

Revision: 0006
Follows: 0005

The newest entries of a municipality stand together: each page of a lead asks for 500 of them. PostgreSQL read
the register backwards until it had them, for a small municipality to its end.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_initiative_municipality_code_id",
        "initiative",
        ["municipality_code", "id"],
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_initiative_municipality_code_id", "initiative")
