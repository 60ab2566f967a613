"""shares, events, channels, clients of the API, history and reports

Revision: 0006
Follows: 0005

Columns are added to ``initiative`` as it stands, without copying the table: on SQLite a copy would lose its
triggers.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

#: Indexes of the register: name, columns, condition. The first was there, with fewer columns.
REGISTER = (
    (
        "ix_initiative_in_register",
        ["municipality_code", "theme", "phase", "place_key", "informed", "updated_at", "approved_at"],
        "withdrawn_at IS NULL",
    ),
    (
        "ix_initiative_approved",
        ["id", "municipality_code"],
        "approved_at IS NOT NULL AND withdrawn_at IS NULL",
    ),
    # Each page of a lead asks for the newest 500 of its municipality; PostgreSQL read the register backwards
    # until it had them, for a small municipality to its end.
    ("ix_initiative_municipality_code_id", ["municipality_code", "id"], "withdrawn_at IS NULL"),
)


def upgrade() -> None:
    op.add_column("initiative", sa.Column("links", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("initiative", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("initiative", sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("initiative", sa.Column("approved_by_id", sa.Integer(), nullable=True))
    op.add_column(
        "initiative", sa.Column("informed", sa.String(32), server_default="nog_te_doen", nullable=False)
    )
    op.add_column("initiative", sa.Column("informed_on", sa.Date(), nullable=True))
    op.add_column("initiative", sa.Column("change_number", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "api_client",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("municipality_code", sa.String(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_api_client_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["account.id"], name=op.f("fk_api_client_created_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code"],
            ["municipality.code"],
            name=op.f("fk_api_client_municipality_code_municipality"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_client")),
        sa.UniqueConstraint("client_id", name=op.f("uq_api_client_client_id")),
    )
    op.create_index(op.f("ix_api_client_account_id"), "api_client", ["account_id"])
    op.create_index(op.f("ix_api_client_municipality_code"), "api_client", ["municipality_code"])
    op.create_table(
        "digest_subscription",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality_code", sa.String(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("rhythm", sa.String(32), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_digest_subscription_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["account.id"], name=op.f("fk_digest_subscription_created_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code"],
            ["municipality.code"],
            name=op.f("fk_digest_subscription_municipality_code_municipality"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_subscription")),
        sa.UniqueConstraint("email", "municipality_code", name=op.f("uq_digest_subscription_email")),
    )
    op.create_index(op.f("ix_digest_subscription_account_id"), "digest_subscription", ["account_id"])
    op.create_index(
        op.f("ix_digest_subscription_municipality_code"), "digest_subscription", ["municipality_code"]
    )
    op.create_table(
        "engagement_profile",
        sa.Column("neighbourhood_code", sa.String(), nullable=False),
        sa.Column("municipality_code", sa.String(), nullable=False),
        sa.Column("shares", sa.JSON(), nullable=False),
        sa.Column("uploaded_by_id", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_code"],
            ["municipality.code"],
            name=op.f("fk_engagement_profile_municipality_code_municipality"),
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by_id"], ["account.id"], name=op.f("fk_engagement_profile_uploaded_by_id_account")
        ),
        sa.PrimaryKeyConstraint("neighbourhood_code", name=op.f("pk_engagement_profile")),
    )
    op.create_index(
        op.f("ix_engagement_profile_municipality_code"), "engagement_profile", ["municipality_code"]
    )
    op.create_table(
        "feed_address",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality_code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["account.id"], name=op.f("fk_feed_address_created_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code"],
            ["municipality.code"],
            name=op.f("fk_feed_address_municipality_code_municipality"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_address")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_feed_address_token_hash")),
    )
    op.create_index(op.f("ix_feed_address_municipality_code"), "feed_address", ["municipality_code"])
    op.create_table(
        "report_made",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality_code", sa.String(), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["account.id"], name=op.f("fk_report_made_made_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code"],
            ["municipality.code"],
            name=op.f("fk_report_made_municipality_code_municipality"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_made")),
    )
    op.create_index("ix_report_made_municipality_code_id", "report_made", ["municipality_code", "id"])
    op.create_table(
        "webhook",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality_code", sa.String(), nullable=True),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_event_id", sa.Integer(), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_why", sa.String(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["account.id"], name=op.f("fk_webhook_created_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code"],
            ["municipality.code"],
            name=op.f("fk_webhook_municipality_code_municipality"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
    )
    op.create_index(op.f("ix_webhook_municipality_code"), "webhook", ["municipality_code"])
    op.create_table(
        "api_token",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["api_client.id"], name=op.f("fk_api_token_client_id_api_client")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_api_token")),
    )
    op.create_index(op.f("ix_api_token_client_id"), "api_token", ["client_id"])
    op.create_index(op.f("ix_api_token_expires_at"), "api_token", ["expires_at"])
    op.create_table(
        "digest_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("after_event_id", sa.Integer(), nullable=False),
        sa.Column("through_event_id", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("taken_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_problem", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("empty", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["digest_subscription.id"],
            name=op.f("fk_digest_mail_subscription_id_digest_subscription"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_mail")),
        sa.UniqueConstraint("subscription_id", "day", name=op.f("uq_digest_mail_subscription_id")),
    )
    op.create_table(
        "initiative_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("initiative_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_initiative_change_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["initiative_id"], ["initiative.id"], name=op.f("fk_initiative_change_initiative_id_initiative")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_initiative_change")),
    )
    op.create_index(op.f("ix_initiative_change_initiative_id"), "initiative_change", ["initiative_id"])
    op.create_index(op.f("ix_initiative_change_at"), "initiative_change", ["at"])
    op.create_table(
        "initiative_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("initiative_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_initiative_note_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["initiative_id"], ["initiative.id"], name=op.f("fk_initiative_note_initiative_id_initiative")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_initiative_note")),
    )
    op.create_index(op.f("ix_initiative_note_initiative_id"), "initiative_note", ["initiative_id"])
    op.create_table(
        "share",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality_code", sa.String(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=True),
        sa.Column("initiative_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("offered_by_id", sa.Integer(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ground", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(32), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_note", sa.String(), nullable=False),
        sa.Column("later_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("in_contact_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ending", sa.String(32), nullable=True),
        sa.Column("ending_note", sa.String(), nullable=False),
        sa.CheckConstraint(
            "lead_id IS NOT NULL OR initiative_id IS NOT NULL", name=op.f("ck_share_of_something")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["account.id"], name=op.f("fk_share_answered_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["initiative_id"], ["initiative.id"], name=op.f("fk_share_initiative_id_initiative")
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_share_lead_id_lead")),
        sa.ForeignKeyConstraint(
            ["municipality_code"], ["municipality.code"], name=op.f("fk_share_municipality_code_municipality")
        ),
        sa.ForeignKeyConstraint(
            ["offered_by_id"], ["account.id"], name=op.f("fk_share_offered_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share")),
        sa.UniqueConstraint("initiative_id", "municipality_code", name=op.f("uq_share_initiative_id")),
        sa.UniqueConstraint("lead_id", "municipality_code", name=op.f("uq_share_lead_id")),
    )
    op.create_index(op.f("ix_share_answered_at"), "share", ["answered_at"])
    op.create_index("ix_share_municipality_code_status_id", "share", ["municipality_code", "status", "id"])
    op.create_index(op.f("ix_share_offered_at"), "share", ["offered_at"])
    op.create_index("ix_share_status_due_on", "share", ["status", "due_on"])
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("municipality_code", sa.String(), nullable=False),
        sa.Column("share_id", sa.Integer(), nullable=True),
        sa.Column("initiative_id", sa.Integer(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["initiative_id"], ["initiative.id"], name=op.f("fk_event_initiative_id_initiative")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code"], ["municipality.code"], name=op.f("fk_event_municipality_code_municipality")
        ),
        sa.ForeignKeyConstraint(["share_id"], ["share.id"], name=op.f("fk_event_share_id_share")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("uid", name=op.f("uq_event_uid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_event_at"), "event", ["at"])
    op.create_index(op.f("ix_event_initiative_id"), "event", ["initiative_id"])
    op.create_index("ix_event_municipality_code_id", "event", ["municipality_code", "id"])
    op.create_index(op.f("ix_event_share_id"), "event", ["share_id"])
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("webhook_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_problem", sa.String(), nullable=False),
        sa.Column("last_tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_delivery_event_id_event")),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhook.id"], name=op.f("fk_delivery_webhook_id_webhook")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("webhook_id", "event_id", name=op.f("uq_delivery_webhook_id")),
    )
    op.create_index(op.f("ix_delivery_event_id"), "delivery", ["event_id"])
    op.create_index(
        "ix_delivery_waiting",
        "delivery",
        ["webhook_id", "event_id"],
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(op.f("ix_initiative_change_number"), "initiative", ["change_number"])
    op.drop_index("ix_initiative_in_register", "initiative")
    for name, columns, condition in REGISTER:
        op.create_index(
            name,
            "initiative",
            columns,
            sqlite_where=sa.text(condition),
            postgresql_where=sa.text(condition),
        )


def downgrade() -> None:
    for name, _columns, _condition in REGISTER:
        op.drop_index(name, "initiative")
    op.create_index(
        "ix_initiative_in_register",
        "initiative",
        ["municipality_code", "theme", "phase"],
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.drop_index(op.f("ix_initiative_change_number"), "initiative")
    for name in (
        "links",
        "version",
        "approved_at",
        "approved_by_id",
        "informed",
        "informed_on",
        "change_number",
    ):
        op.drop_column("initiative", name)
    for table in (
        "delivery",
        "event",
        "share",
        "initiative_note",
        "initiative_change",
        "digest_mail",
        "api_token",
        "webhook",
        "report_made",
        "feed_address",
        "engagement_profile",
        "digest_subscription",
        "api_client",
    ):
        op.drop_table(table)
