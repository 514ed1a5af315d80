"""Projects with plans and assignments; accounts with grants and API keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "projects",
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "county_code",
            sa.Text(collation="C"),
            sa.Computed('left(region_code, 6) COLLATE "C"', persisted=True),
            nullable=False,
        ),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("national_code", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("sector", sa.Text(), server_default=sa.text("'other'"), nullable=False),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("investors", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("key_years", postgresql.ARRAY(sa.Integer()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("programmes", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("major", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("total_investment", sa.Numeric(precision=18, scale=4), nullable=True),
        sa.Column("planned_start", sa.Text(), nullable=True),
        sa.Column("planned_completion", sa.Text(), nullable=True),
        sa.Column("enrolled_on", sa.Date(), nullable=True),
        sa.Column("land_status", sa.Text(), server_default=sa.text("'unknown'"), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("stage_since", sa.Date(), nullable=False),
        sa.Column("suspended_since", sa.Date(), nullable=True),
        sa.Column("last_activity_on", sa.Date(), nullable=False),
        sa.Column(
            "search_text",
            sa.Text(),
            sa.Computed("diaodu_search_text(name, code, national_code, investors)", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "search_grams",
            postgresql.ARRAY(sa.Text()),
            sa.Computed("diaodu_grams(diaodu_search_text(name, code, national_code, investors))", persisted=True),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "land_status IN ('unknown', 'pending', 'settled', 'not_needed')", name=op.f("ck_projects_land_status_known")
        ),
        sa.CheckConstraint(
            "planned_completion ~ '^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$'",
            name=op.f("ck_projects_planned_completion_form"),
        ),
        sa.CheckConstraint(
            "planned_start ~ '^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$'",
            name=op.f("ck_projects_planned_start_form"),
        ),
        sa.CheckConstraint("(longitude IS NULL) = (latitude IS NULL)", name=op.f("ck_projects_point_whole")),
        sa.CheckConstraint(
            "longitude BETWEEN -180 AND 180 AND latitude BETWEEN -90 AND 90", name=op.f("ck_projects_point_on_earth")
        ),
        sa.CheckConstraint("total_investment >= 0", name=op.f("ck_projects_total_investment_not_negative")),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_projects_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
    )
    op.create_index("ix_projects_county_code_id", "projects", ["county_code", "id"], unique=False)
    op.create_index("ix_projects_county_code_name", "projects", ["county_code", "name"], unique=False)
    op.create_index("ix_projects_search_grams", "projects", ["search_grams"], unique=False, postgresql_using="gin")
    op.create_index("ix_projects_updated_at_id", "projects", ["updated_at", "id"], unique=False)
    op.create_index("uq_projects_code", "projects", ["county_code", "code"], unique=True)
    op.create_index(
        "uq_projects_national_code",
        "projects",
        ["county_code", "national_code"],
        unique=True,
        postgresql_where=sa.text("national_code IS NOT NULL"),
    )
    op.create_table(
        "users",
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("demo", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("failed_attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("username ~ '^[a-z0-9][a-z0-9._-]{1,63}$'", name=op.f("ck_users_username_form")),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_users_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
    )
    op.create_index("ix_users_region_code", "users", ["region_code"], unique=False)
    op.create_index("uq_users_username", "users", ["username"], unique=True)
    op.create_table(
        "annual_plans",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("planned_investment", sa.Numeric(precision=18, scale=4), nullable=True),
        sa.Column("monthly", postgresql.ARRAY(sa.Numeric(precision=18, scale=4)), nullable=True),
        sa.Column("planned_start", sa.Text(), nullable=True),
        sa.Column("planned_completion", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "category IN ('new_start', 'continued', 'preliminary')", name=op.f("ck_annual_plans_category_known")
        ),
        sa.CheckConstraint(
            "monthly IS NULL OR (cardinality(monthly) = 12 AND diaodu_array_sum(monthly) = coalesce(planned_investment, 0))",
            name=op.f("ck_annual_plans_monthly_adds_up"),
        ),
        sa.CheckConstraint("planned_investment >= 0", name=op.f("ck_annual_plans_planned_investment_not_negative")),
        sa.CheckConstraint("year BETWEEN 1949 AND 2199", name=op.f("ck_annual_plans_year_sane")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_annual_plans_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annual_plans")),
    )
    op.create_index("ix_annual_plans_year_category", "annual_plans", ["year", "category"], unique=False)
    op.create_index("uq_annual_plans_project_year", "annual_plans", ["project_id", "year"], unique=True)
    op.create_table(
        "api_keys",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("permissions", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("region_code", sa.Text(collation="C"), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_api_keys_region_code")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_api_keys_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
    )
    op.create_index("ix_api_keys_user_id", "api_keys", ["user_id"], unique=False)
    op.create_index("uq_api_keys_prefix", "api_keys", ["prefix"], unique=True)
    op.create_table(
        "assignments",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("leader_id", sa.Uuid(), nullable=True),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("person_name", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "CASE role WHEN 'sponsor' THEN leader_id IS NOT NULL WHEN 'responsible' THEN department_id IS NOT NULL WHEN 'owner' THEN department_id IS NOT NULL WHEN 'contact' THEN leader_id IS NULL AND department_id IS NULL WHEN 'reporter' THEN user_id IS NOT NULL WHEN 'crew' THEN true ELSE false END",
            name=op.f("ck_assignments_party_fits_role"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(leader_id, department_id, user_id, person_name) = 1", name=op.f("ck_assignments_one_party")
        ),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_assignments_dates_in_order")),
        sa.ForeignKeyConstraint(["department_id"], ["departments.id"], name=op.f("fk_assignments_department_id")),
        sa.ForeignKeyConstraint(["leader_id"], ["leaders.id"], name=op.f("fk_assignments_leader_id")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_assignments_project_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_assignments_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignments")),
    )
    op.create_index("ix_assignments_department_id", "assignments", ["department_id", "project_id"], unique=False)
    op.create_index("ix_assignments_leader_id", "assignments", ["leader_id", "project_id"], unique=False)
    op.create_index("ix_assignments_project_id_role", "assignments", ["project_id", "role"], unique=False)
    op.create_index("ix_assignments_user_id", "assignments", ["user_id", "project_id"], unique=False)
    op.create_index(
        "uq_assignments_open",
        "assignments",
        [
            "project_id",
            "role",
            sa.literal_column("coalesce(leader_id::text, department_id::text, user_id::text, person_name)"),
        ],
        unique=True,
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "grants",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("granted_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_grants_dates_in_order")),
        sa.ForeignKeyConstraint(["department_id"], ["departments.id"], name=op.f("fk_grants_department_id")),
        sa.ForeignKeyConstraint(["granted_by"], ["users.id"], name=op.f("fk_grants_granted_by")),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_grants_region_code")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_grants_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grants")),
    )
    op.create_index("ix_grants_region_code", "grants", ["region_code"], unique=False)
    op.create_index("ix_grants_user_id", "grants", ["user_id"], unique=False)


def downgrade() -> None:
    raise RuntimeError("data is never migrated backwards; restore a backup")
