"""consultants

Revision: 0007
Follows: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "consultant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality_code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("function", sa.String(), nullable=False),
        sa.Column("expertise", sa.JSON(), nullable=False),
        sa.Column("themes", sa.JSON(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("experience", sa.String(), nullable=False),
        sa.Column("half_hours", sa.Integer(), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=True),
        sa.Column("period_until", sa.Date(), nullable=True),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("radius_km", sa.Integer(), nullable=True),
        sa.Column("place_key", sa.String(), nullable=True),
        sa.Column("employer_name", sa.String(), nullable=False),
        sa.Column("employer_email", sa.String(), nullable=False),
        sa.Column("available", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["added_by_id"], ["account.id"], name=op.f("fk_consultant_added_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code"],
            ["municipality.code"],
            name=op.f("fk_consultant_municipality_code_municipality"),
        ),
        sa.ForeignKeyConstraint(["place_key"], ["place.key"], name=op.f("fk_consultant_place_key_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultant")),
    )
    op.create_index(op.f("ix_consultant_municipality_code"), "consultant", ["municipality_code"])
    op.create_table(
        "consultant_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("mistakes", sa.JSON(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_consultant_import_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultant_import")),
    )
    op.create_index(op.f("ix_consultant_import_account_id"), "consultant_import", ["account_id"])


def downgrade() -> None:
    op.drop_table("consultant_import")
    op.drop_table("consultant")
