"""The first tables"""

import sqlalchemy as sa
from alembic import op

import core.models.base

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('ledger_head',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_head'))
    )
    op.create_table('organisation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('parent_id', sa.Integer(), nullable=True),
    sa.Column('level', sa.String(length=16), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('path', sa.String(length=200), nullable=False),
    sa.Column('created_at', core.models.base.UtcMoment(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['parent_id'], ['organisation.id'], name=op.f('fk_organisation_parent_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_organisation')),
    sa.UniqueConstraint('parent_id', 'name', name=op.f('uq_organisation_parent_id_name'))
    )
    with op.batch_alter_table('organisation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_organisation_path'), ['path'], unique=False)

    op.create_table('outbox_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('event_id', sa.String(length=80), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=False),
    sa.Column('created_at', core.models.base.UtcMoment(timezone=True), nullable=False),
    sa.Column('done_at', core.models.base.UtcMoment(timezone=True), nullable=True),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('next_at', core.models.base.UtcMoment(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox_event')),
    sa.UniqueConstraint('event_id', name=op.f('uq_outbox_event_event_id'))
    )
    with op.batch_alter_table('outbox_event', schema=None) as batch_op:
        batch_op.create_index('ix_outbox_event_done_at_next_at', ['done_at', 'next_at'], unique=False)

    op.create_table('user',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('username', sa.String(length=80), nullable=False),
    sa.Column('display_name', sa.String(length=80), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=True),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('failed_logins', sa.Integer(), nullable=False),
    sa.Column('locked_until', core.models.base.UtcMoment(timezone=True), nullable=True),
    sa.Column('created_at', core.models.base.UtcMoment(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user')),
    sa.UniqueConstraint('username', name=op.f('uq_user_username'))
    )
    op.create_table('api_key',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('prefix', sa.String(length=12), nullable=False),
    sa.Column('key_digest', sa.String(length=64), nullable=False),
    sa.Column('scopes', sa.String(length=200), nullable=False),
    sa.Column('created_by', sa.Integer(), nullable=True),
    sa.Column('created_at', core.models.base.UtcMoment(timezone=True), nullable=False),
    sa.Column('revoked_at', core.models.base.UtcMoment(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['created_by'], ['user.id'], name=op.f('fk_api_key_created_by')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_api_key_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_key')),
    sa.UniqueConstraint('key_digest', name=op.f('uq_api_key_key_digest'))
    )
    op.create_table('audit_event',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('at', core.models.base.UtcMoment(timezone=True), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('organisation_id', sa.Integer(), nullable=True),
    sa.Column('action', sa.String(length=40), nullable=False),
    sa.Column('subject', sa.String(length=80), nullable=False),
    sa.Column('data', sa.JSON(), nullable=False),
    sa.Column('previous', sa.String(length=64), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['user.id'], name=op.f('fk_audit_event_actor_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_audit_event_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_event')),
    sa.UniqueConstraint('digest', name=op.f('uq_audit_event_digest'))
    )
    with op.batch_alter_table('audit_event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_event_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_event_subject'), ['subject'], unique=False)

    op.create_table('batch',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('school_id', sa.Integer(), nullable=False),
    sa.Column('uploader_id', sa.Integer(), nullable=False),
    sa.Column('upload_kind', sa.String(length=16), nullable=False),
    sa.Column('policy_id', sa.String(length=80), nullable=False),
    sa.Column('idempotency_key', sa.String(length=200), nullable=True),
    sa.Column('created_at', core.models.base.UtcMoment(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['school_id'], ['organisation.id'], name=op.f('fk_batch_school_id')),
    sa.ForeignKeyConstraint(['uploader_id'], ['user.id'], name=op.f('fk_batch_uploader_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_batch')),
    sa.UniqueConstraint('public_id', name=op.f('uq_batch_public_id')),
    sa.UniqueConstraint('uploader_id', 'idempotency_key', name=op.f('uq_batch_uploader_id_idempotency_key'))
    )
    with op.batch_alter_table('batch', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_batch_school_id'), ['school_id'], unique=False)

    op.create_table('grant',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('role', sa.String(length=32), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_grant_organisation_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_grant_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_grant')),
    sa.UniqueConstraint('user_id', 'organisation_id', 'role', name=op.f('uq_grant_user_id_organisation_id_role'))
    )
    with op.batch_alter_table('grant', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_grant_user_id'), ['user_id'], unique=False)

    op.create_table('one_time_link',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_digest', sa.String(length=64), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('purpose', sa.String(length=16), nullable=False),
    sa.Column('expires_at', core.models.base.UtcMoment(timezone=True), nullable=False),
    sa.Column('used_at', core.models.base.UtcMoment(timezone=True), nullable=True),
    sa.CheckConstraint("purpose IN ('first_admin', 'set_password', 'sign_in')", name=op.f('ck_one_time_link_purpose')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_one_time_link_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_one_time_link')),
    sa.UniqueConstraint('token_digest', name=op.f('uq_one_time_link_token_digest'))
    )
    op.create_table('teacher',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('school_id', sa.Integer(), nullable=False),
    sa.Column('employee_no', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('gender', sa.String(length=4), nullable=True),
    sa.Column('birth_date', sa.Date(), nullable=True),
    sa.Column('subject', sa.String(length=40), nullable=True),
    sa.Column('entry_date', sa.Date(), nullable=True),
    sa.Column('id_number', core.models.base.SealedText(), nullable=True),
    sa.Column('id_number_digest', sa.String(length=64), nullable=True),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['school_id'], ['organisation.id'], name=op.f('fk_teacher_school_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_teacher')),
    sa.UniqueConstraint('school_id', 'employee_no', name=op.f('uq_teacher_school_id_employee_no'))
    )
    with op.batch_alter_table('teacher', schema=None) as batch_op:
        batch_op.create_index('ix_teacher_school_id_name', ['school_id', 'name'], unique=False)

    op.create_table('user_session',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_digest', sa.String(length=64), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('csrf_token', sa.String(length=64), nullable=False),
    sa.Column('created_at', core.models.base.UtcMoment(timezone=True), nullable=False),
    sa.Column('expires_at', core.models.base.UtcMoment(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_user_session_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user_session')),
    sa.UniqueConstraint('token_digest', name=op.f('uq_user_session_token_digest'))
    )
    with op.batch_alter_table('user_session', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_user_session_user_id'), ['user_id'], unique=False)

    op.create_table('source_file',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('school_id', sa.Integer(), nullable=False),
    sa.Column('batch_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=500), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('notes', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('fence', sa.Integer(), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('lease_until', core.models.base.UtcMoment(timezone=True), nullable=True),
    sa.Column('next_at', core.models.base.UtcMoment(timezone=True), nullable=False),
    sa.Column('error', sa.JSON(), nullable=True),
    sa.Column('pages', sa.Integer(), nullable=True),
    sa.Column('created_at', core.models.base.UtcMoment(timezone=True), nullable=False),
    sa.Column('finished_at', core.models.base.UtcMoment(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['batch_id'], ['batch.id'], name=op.f('fk_source_file_batch_id')),
    sa.ForeignKeyConstraint(['school_id'], ['organisation.id'], name=op.f('fk_source_file_school_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_source_file')),
    sa.UniqueConstraint('public_id', name=op.f('uq_source_file_public_id')),
    sa.UniqueConstraint('school_id', 'sha256', name=op.f('uq_source_file_school_id_sha256'))
    )
    with op.batch_alter_table('source_file', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_source_file_batch_id'), ['batch_id'], unique=False)
        batch_op.create_index('ix_source_file_state_next_at', ['state', 'next_at'], unique=False)

    op.create_table('batch_item',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('batch_id', sa.Integer(), nullable=False),
    sa.Column('ordinal', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=500), nullable=False),
    sa.Column('outcome', sa.String(length=16), nullable=False),
    sa.Column('file_id', sa.Integer(), nullable=True),
    sa.Column('notes', sa.JSON(), nullable=False),
    sa.Column('error', sa.JSON(), nullable=True),
    sa.ForeignKeyConstraint(['batch_id'], ['batch.id'], name=op.f('fk_batch_item_batch_id')),
    sa.ForeignKeyConstraint(['file_id'], ['source_file.id'], name=op.f('fk_batch_item_file_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_batch_item')),
    sa.UniqueConstraint('batch_id', 'ordinal', name=op.f('uq_batch_item_batch_id_ordinal'))
    )
    op.create_table('document',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('file_id', sa.Integer(), nullable=False),
    sa.Column('school_id', sa.Integer(), nullable=False),
    sa.Column('ordinal', sa.Integer(), nullable=False),
    sa.Column('doc_type', sa.String(length=32), nullable=False),
    sa.Column('pages', sa.JSON(), nullable=False),
    sa.Column('reading', core.models.base.SealedJson(), nullable=False),
    sa.Column('certificate_digest', sa.String(length=64), nullable=True),
    sa.ForeignKeyConstraint(['file_id'], ['source_file.id'], name=op.f('fk_document_file_id')),
    sa.ForeignKeyConstraint(['school_id'], ['organisation.id'], name=op.f('fk_document_school_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_document')),
    sa.UniqueConstraint('file_id', 'ordinal', name=op.f('uq_document_file_id_ordinal')),
    sa.UniqueConstraint('public_id', name=op.f('uq_document_public_id'))
    )
    with op.batch_alter_table('document', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_document_certificate_digest'), ['certificate_digest'], unique=False)
        batch_op.create_index(batch_op.f('ix_document_school_id'), ['school_id'], unique=False)

    op.create_table('page',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('file_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('image', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['file_id'], ['source_file.id'], name=op.f('fk_page_file_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_page')),
    sa.UniqueConstraint('file_id', 'number', name=op.f('uq_page_file_id_number'))
    )
    op.create_table('candidate_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('document_id', sa.Integer(), nullable=False),
    sa.Column('ordinal', sa.Integer(), nullable=False),
    sa.Column('school_id', sa.Integer(), nullable=False),
    sa.Column('uploader_id', sa.Integer(), nullable=False),
    sa.Column('upload_kind', sa.String(length=16), nullable=False),
    sa.Column('teacher_id', sa.Integer(), nullable=True),
    sa.Column('match', sa.String(length=16), nullable=False),
    sa.Column('candidates', sa.JSON(), nullable=False),
    sa.Column('fields', core.models.base.SealedJson(), nullable=False),
    sa.Column('judgement', sa.JSON(), nullable=False),
    sa.Column('doc_type', sa.String(length=32), nullable=False),
    sa.Column('title', sa.String(length=300), nullable=True),
    sa.Column('recommendation', sa.String(length=16), nullable=False),
    sa.Column('category', sa.String(length=40), nullable=True),
    sa.Column('credits', sa.Numeric(precision=8, scale=2), nullable=True),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('level', sa.String(length=16), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', core.models.base.UtcMoment(timezone=True), nullable=False),
    sa.Column('updated_at', core.models.base.UtcMoment(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['document_id'], ['document.id'], name=op.f('fk_candidate_entry_document_id')),
    sa.ForeignKeyConstraint(['school_id'], ['organisation.id'], name=op.f('fk_candidate_entry_school_id')),
    sa.ForeignKeyConstraint(['teacher_id'], ['teacher.id'], name=op.f('fk_candidate_entry_teacher_id')),
    sa.ForeignKeyConstraint(['uploader_id'], ['user.id'], name=op.f('fk_candidate_entry_uploader_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_candidate_entry')),
    sa.UniqueConstraint('document_id', 'ordinal', name=op.f('uq_candidate_entry_document_id_ordinal')),
    sa.UniqueConstraint('public_id', name=op.f('uq_candidate_entry_public_id'))
    )
    with op.batch_alter_table('candidate_entry', schema=None) as batch_op:
        batch_op.create_index('ix_candidate_entry_queue', ['state', 'level', 'school_id', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_candidate_entry_teacher_id'), ['teacher_id'], unique=False)

    op.create_table('attestation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('entry_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=False),
    sa.Column('at', core.models.base.UtcMoment(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['user.id'], name=op.f('fk_attestation_actor_id')),
    sa.ForeignKeyConstraint(['entry_id'], ['candidate_entry.id'], name=op.f('fk_attestation_entry_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attestation')),
    sa.UniqueConstraint('entry_id', 'kind', name=op.f('uq_attestation_entry_id_kind'))
    )
    op.create_table('decision',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('entry_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('action', sa.String(length=16), nullable=False),
    sa.Column('level', sa.String(length=16), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=False),
    sa.Column('uploader_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(length=1000), nullable=False),
    sa.Column('at', core.models.base.UtcMoment(timezone=True), nullable=False),
    sa.CheckConstraint("action = 'correct' OR actor_id <> uploader_id", name=op.f('ck_decision_four_eyes')),
    sa.ForeignKeyConstraint(['actor_id'], ['user.id'], name=op.f('fk_decision_actor_id')),
    sa.ForeignKeyConstraint(['entry_id'], ['candidate_entry.id'], name=op.f('fk_decision_entry_id')),
    sa.ForeignKeyConstraint(['uploader_id'], ['user.id'], name=op.f('fk_decision_uploader_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_decision')),
    sa.UniqueConstraint('entry_id', 'version', name=op.f('uq_decision_entry_id_version'))
    )
    op.create_table('ledger_entry',
    sa.Column('sequence', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('entry_id', sa.Integer(), nullable=False),
    sa.Column('school_id', sa.Integer(), nullable=False),
    sa.Column('payload', core.models.base.SealedJson(), nullable=False),
    sa.Column('published_at', core.models.base.UtcMoment(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['entry_id'], ['candidate_entry.id'], name=op.f('fk_ledger_entry_entry_id')),
    sa.ForeignKeyConstraint(['school_id'], ['organisation.id'], name=op.f('fk_ledger_entry_school_id')),
    sa.PrimaryKeyConstraint('sequence', name=op.f('pk_ledger_entry')),
    sa.UniqueConstraint('entry_id', name=op.f('uq_ledger_entry_entry_id')),
    sa.UniqueConstraint('public_id', name=op.f('uq_ledger_entry_public_id'))
    )
    with op.batch_alter_table('ledger_entry', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ledger_entry_school_id'), ['school_id'], unique=False)

    op.bulk_insert(sa.table("ledger_head", sa.column("id"), sa.column("last")), [{"id": 1, "last": 0}])
    for table in ("audit_event", "decision", "ledger_entry"):
        _append_only(table)


def _append_only(table: str) -> None:
    """What is in the books stays as it is, whoever holds the database connection."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        return
    for action in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def downgrade() -> None:
    raise NotImplementedError("migrations only run forward; restore a backup instead")
