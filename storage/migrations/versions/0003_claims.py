"""Claims and licence events as rows of their own; the claims of stored items are taken over."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_AT_ONCE = 500


def upgrade() -> None:
    claims = op.create_table(
        "claims",
        sa.Column("id", _serial(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_key", sa.Text(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("value_max", sa.Double(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("precision", sa.Text(), nullable=True),
        sa.Column("relative_to", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_claims_item_id_items")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claims")),
    )
    op.create_index("ix_claims_item_id", "claims", ["item_id"])
    op.create_index("ix_claims_subject_key_at", "claims", ["subject_key", "at"])
    op.create_index("ix_claims_at", "claims", ["at"])
    op.create_table(
        "licences",
        sa.Column("id", _serial(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_key", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("docket", sa.Text(), nullable=False),
        sa.Column("effective", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_licences_item_id_items")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licences")),
    )
    op.create_index("ix_licences_item_id", "licences", ["item_id"])
    op.create_index("ix_licences_at", "licences", ["at"])
    _take_over(claims)


def _take_over(claims: "sa.Table") -> None:
    items = sa.table("items", sa.column("id"), sa.column("published"), sa.column("claims", sa.JSON()))
    has_any = sa.cast(items.c.claims, sa.Text()) != "[]"
    last = 0
    while True:
        asked = sa.select(items).where(items.c.id > last, has_any).order_by(items.c.id).limit(_AT_ONCE)
        found = op.get_bind().execute(asked).all()
        if not found:
            return
        last = found[-1].id
        rows = [
            {
                "item_id": row.id,
                "at": row.published,
                "subject_key": claim["subject"].casefold(),
                **{name: claim.get(name) for name in _FIELDS},
            }
            for row in found
            for claim in row.claims or ()
        ]
        if rows:
            op.bulk_insert(claims, rows)


_FIELDS = ("subject", "metric", "value", "value_max", "unit", "precision", "relative_to")


def _serial() -> "sa.types.TypeEngine[int]":
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")
