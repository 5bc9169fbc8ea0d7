"""To be described: what changes, and why."""
from peewee import *

# TODO: grades: default [['A', 110], ['B', 95], ['C', 80], ['D', 60], ['E', 0]] must be added by hand

def up(migrator, db):
    class Tier(Model):
        name = CharField(unique=True, max_length=60)
        position = IntegerField(default=0)
        class Meta:
            database = db
            table_name = 'tier'
    db.create_tables([Tier])

    class Partner(Model):
        number = CharField(unique=True, max_length=60)
        name = CharField(index=True, max_length=200)
        status = CharField(index=True, max_length=10, default='active')
        type = CharField(index=True, max_length=80, default='')
        tier = ForeignKeyField(Tier, null=True, on_delete='SET NULL')
        territory = CharField(index=True, max_length=80, default='')
        parent = ForeignKeyField('self', null=True, on_delete='SET NULL')
        website = CharField(max_length=400, default='')
        since = DateField(null=True)
        notes = TextField(default='')
        custom = JSONField(default=dict)
        search_text = TextField(default='')
        version = IntegerField(default=1)
        created_at = DateTimeField()
        updated_at = DateTimeField()
        manager = IntegerField(null=True, index=True, column_name='manager_id')
        class Meta:
            database = db
            table_name = 'partner'
    db.create_tables([Partner])

    class Contact(Model):
        number = CharField(unique=True, max_length=60)
        partner = ForeignKeyField(Partner, on_delete='CASCADE')
        name = CharField(max_length=200, default='')
        email = CharField(unique=True, null=True, max_length=254)
        phone = CharField(max_length=60, default='')
        roles = JSONField(default=list)
        primary = BooleanField(default=False)
        custom = JSONField(default=dict)
        search_text = TextField(default='')
        version = IntegerField(default=1)
        created_at = DateTimeField()
        updated_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'contact'
            indexes = ((('partner', 'name'), False),)
    db.create_tables([Contact])

    class Person(Model):
        email = CharField(unique=True, null=True, max_length=254)
        name = CharField(max_length=200, default='')
        password_hash = TextField(default='')
        role = CharField(max_length=20)
        sees_all = BooleanField(default=False)
        partner = ForeignKeyField(Partner, null=True, on_delete='CASCADE')
        contact = ForeignKeyField(Contact, unique=True, null=True, on_delete='SET NULL')
        disabled_at = DateTimeField(null=True)
        last_seen_at = DateTimeField(null=True)
        theme = CharField(max_length=5, default='')
        choices = JSONField(default=dict)
        version = IntegerField(default=1)
        created_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'person'
    db.create_tables([Person])

    class Activity(Model):
        verb = CharField(index=True, max_length=60)
        actor = ForeignKeyField(Person, null=True, on_delete='SET NULL')
        subject = CharField(max_length=20)
        subject_id = IntegerField(null=True)
        partner = ForeignKeyField(Partner, null=True, on_delete='CASCADE')
        facts = JSONField(default=dict)
        shared = BooleanField(default=False)
        at = DateTimeField()
        class Meta:
            database = db
            table_name = 'activity'
            indexes = ((('partner', 'id'), False), (('subject', 'subject_id'), False))
    db.create_tables([Activity])

    class BusinessRole(Model):
        name = CharField(unique=True, max_length=60)
        position = IntegerField(default=0)
        class Meta:
            database = db
            table_name = 'business_role'
    db.create_tables([BusinessRole])

    class ClosedPeriod(Model):
        key = CharField(unique=True, max_length=10)
        at = DateTimeField()
        class Meta:
            database = db
            table_name = 'closed_period'
    db.create_tables([ClosedPeriod])

    class CustomField(Model):
        object = CharField(max_length=20)
        key = CharField(max_length=60)
        label = CharField(max_length=120)
        kind = CharField(max_length=20)
        help = CharField(max_length=400, default='')
        required = BooleanField(default=False)
        default = JSONField(null=True)
        choices = JSONField(default=list)
        link = CharField(max_length=20, default='')
        formula = TextField(default='')
        audience = CharField(max_length=12, default='staff')
        position = IntegerField(default=0)
        retired_at = DateTimeField(null=True)
        created_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'custom_field'
            indexes = ((('object', 'key'), True),)
    db.create_tables([CustomField])

    class Stage(Model):
        name = CharField(unique=True, max_length=60)
        position = IntegerField(default=0)
        probability = IntegerField(default=0)
        outcome = CharField(max_length=4, default='open')
        class Meta:
            database = db
            table_name = 'stage'
    db.create_tables([Stage])

    class Deal(Model):
        number = CharField(unique=True, max_length=60)
        title = CharField(max_length=200, default='')
        partner = ForeignKeyField(Partner, on_delete='CASCADE')
        customer = CharField(max_length=200, default='')
        owner = ForeignKeyField(Contact, null=True, on_delete='SET NULL')
        stage = ForeignKeyField(Stage)
        outcome = CharField(max_length=4, default='open')
        amount = BigIntegerField(null=True)
        currency = CharField(max_length=3)
        amount_base = BigIntegerField(null=True)
        created_on = DateField(null=True)
        closed_on = DateField(null=True)
        expected_close = DateField(null=True)
        source = CharField(max_length=80, default='')
        registration = CharField(max_length=10, default='')
        notes = TextField(default='')
        custom = JSONField(default=dict)
        search_text = TextField(default='')
        version = IntegerField(default=1)
        created_at = DateTimeField()
        updated_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'deal'
            indexes = ((('partner', 'closed_on'), False), (('outcome', 'closed_on', 'partner', 'amount_base'), False), (('closed_on',), False), (('amount_base',), False))
    db.create_tables([Deal])

    class Hit(Model):
        key = CharField(unique=True, max_length=160)
        count = IntegerField(default=0)
        since = DateTimeField()
        blocked_until = DateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'hit'
    db.create_tables([Hit])

    class Import(Model):
        object = CharField(max_length=20)
        filename = CharField()
        file = CharField(max_length=64)
        state = CharField(max_length=12, default='uploaded')
        settings = JSONField(default=dict)
        found = JSONField(default=dict)
        made = IntegerField(default=0)
        changed = IntegerField(default=0)
        unchanged = IntegerField(default=0)
        refused = IntegerField(default=0)
        message = TextField(default='')
        person = ForeignKeyField(Person, null=True, on_delete='SET NULL')
        created_at = DateTimeField()
        done_at = DateTimeField(null=True)
        undone_at = DateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'import'
    db.create_tables([Import])

    class ImportMap(Model):
        object = CharField(max_length=20)
        signature = CharField(max_length=64)
        settings = JSONField(default=dict)
        updated_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'import_map'
            indexes = ((('object', 'signature'), True),)
    db.create_tables([ImportMap])

    class ImportRow(Model):
        batch = ForeignKeyField(Import, on_delete='CASCADE')
        line = IntegerField()
        outcome = CharField(max_length=10)
        subject_id = IntegerField(null=True)
        before = JSONField(null=True)
        version = IntegerField(default=1)
        reason = TextField(default='')
        undone = CharField(max_length=10, default='')
        undo_reason = TextField(default='')
        class Meta:
            database = db
            table_name = 'import_row'
            indexes = ((('batch', 'line'), True),)
    db.create_tables([ImportRow])

    class Job(Model):
        kind = CharField(max_length=40)
        key = CharField(null=True, max_length=120)
        facts = JSONField(default=dict)
        run_at = DateTimeField()
        started_at = DateTimeField(null=True)
        lease_until = DateTimeField(null=True)
        attempts = IntegerField(default=0)
        done_at = DateTimeField(null=True)
        failed_at = DateTimeField(null=True)
        message = TextField(default='')
        progress = IntegerField(default=0)
        total = IntegerField(default=0)
        result = JSONField(null=True)
        person_id = IntegerField(null=True)
        created_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'job'
            indexes = ((('done_at', 'failed_at', 'run_at'), False), (('kind', 'key', 'started_at'), False))
    db.create_tables([Job])

    class Kpi(Model):
        name = CharField(unique=True, max_length=120)
        description = TextField(default='')
        owner = ForeignKeyField(Person, null=True, on_delete='SET NULL')
        state = CharField(max_length=10, default='draft')
        position = IntegerField(default=0)
        cadence = CharField(max_length=10, default='year')
        version = IntegerField(default=1)
        created_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'kpi'
    db.create_tables([Kpi])

    class KpiEntry(Model):
        kpi = ForeignKeyField(Kpi, on_delete='CASCADE')
        partner = ForeignKeyField(Partner, on_delete='CASCADE')
        period = CharField(max_length=10)
        value = BigIntegerField(null=True)
        author = ForeignKeyField(Person, null=True, on_delete='SET NULL')
        updated_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'kpi_entry'
            indexes = ((('kpi', 'partner', 'period'), True),)
    db.create_tables([KpiEntry])

    class KpiVersion(Model):
        kpi = ForeignKeyField(Kpi, on_delete='CASCADE')
        number = IntegerField()
        valid_from = DateField()
        source = CharField(max_length=10, default='question')
        question = JSONField(default=dict)
        date_field = CharField(max_length=120, default='')
        unit = CharField(max_length=10, default='number')
        direction = CharField(max_length=6, default='higher')
        period_length = CharField(max_length=10, default='quarter')
        weight = BigIntegerField(default=1)
        green = BigIntegerField(default=1)
        amber = BigIntegerField(default='0.8')
        author = ForeignKeyField(Person, null=True, on_delete='SET NULL')
        created_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'kpi_version'
            indexes = ((('kpi', 'number'), True),)
    db.create_tables([KpiVersion])

    class KpiResult(Model):
        kpi = ForeignKeyField(Kpi, on_delete='CASCADE')
        partner = ForeignKeyField(Partner, on_delete='CASCADE')
        period = CharField(max_length=10)
        starts_on = DateField()
        version = ForeignKeyField(KpiVersion, on_delete='CASCADE')
        value = BigIntegerField(null=True)
        target = BigIntegerField(null=True)
        attainment = BigIntegerField(null=True)
        status = CharField(max_length=5, default='none')
        weight = BigIntegerField(default=1)
        rows = IntegerField(default=0)
        computed_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'kpi_result'
            indexes = ((('partner', 'period', 'kpi'), True), (('kpi', 'period'), False), (('period', 'kpi', 'attainment'), False))
    db.create_tables([KpiResult])

    class Link(Model):
        hash = CharField(unique=True, max_length=64)
        purpose = CharField(index=True, max_length=20)
        person = ForeignKeyField(Person, on_delete='CASCADE')
        sender = ForeignKeyField(Person, null=True, on_delete='SET NULL')
        expires_at = DateTimeField()
        used_at = DateTimeField(null=True)
        superseded_at = DateTimeField(null=True)
        created_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'link'
    db.create_tables([Link])

    class Mail(Model):
        to = CharField(max_length=254)
        subject = CharField(max_length=200)
        text = TextField()
        link = TextField(default='')
        message_id = CharField(unique=True, max_length=200)
        state = CharField(index=True, max_length=10, default='queued')
        attempts = IntegerField(default=0)
        unknown = IntegerField(default=0)
        server_words = TextField(default='')
        partner_id = IntegerField(null=True)
        key = CharField(unique=True, null=True, max_length=120)
        created_at = DateTimeField()
        sent_at = DateTimeField(null=True)
        next_at = DateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'mail'
    db.create_tables([Mail])

    class Organisation(Model):
        name = CharField(max_length=120)
        zone = CharField(max_length=64, default='UTC')
        locale = CharField(max_length=20, default='en')
        currency = CharField(max_length=3, default='USD')
        fiscal_month = IntegerField(default=1)
        brand = CharField(max_length=7, default='#4f46e5')
        logo = TextField(default='')
        grades = JSONField()
        period_length = CharField(max_length=10, default='quarter')
        members_see_account = BooleanField(default=True)
        mail_from = CharField(max_length=254, default='')
        class Meta:
            database = db
            table_name = 'organisation'
    db.create_tables([Organisation])

    class Rate(Model):
        currency = CharField(max_length=3)
        valid_from = DateField()
        rate = BigIntegerField()
        class Meta:
            database = db
            table_name = 'rate'
            indexes = ((('currency', 'valid_from'), True),)
    db.create_tables([Rate])

    class Receipt(Model):
        key = CharField(unique=True, max_length=64)
        outcome = TextField(default='')
        at = DateTimeField()
        class Meta:
            database = db
            table_name = 'receipt'
    db.create_tables([Receipt])

    class Schedule(Model):
        kind = CharField(unique=True, max_length=40)
        next_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'schedule'
    db.create_tables([Schedule])

    class Scorecard(Model):
        partner = ForeignKeyField(Partner, on_delete='CASCADE')
        period = CharField(max_length=10)
        starts_on = DateField()
        state = CharField(max_length=10, default='draft')
        score = BigIntegerField(null=True)
        grade = CharField(max_length=4, default='')
        rank = IntegerField(null=True)
        ranked = IntegerField(default=0)
        note = TextField(default='')
        frozen = JSONField(null=True)
        pdf = CharField(max_length=64, default='')
        published_at = DateTimeField(null=True)
        publisher = ForeignKeyField(Person, null=True, on_delete='SET NULL')
        version = IntegerField(default=1)
        computed_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'scorecard'
            indexes = ((('partner', 'period'), True), (('period', 'score'), False))
    db.create_tables([Scorecard])

    class Session(Model):
        hash = CharField(unique=True, max_length=64)
        person = ForeignKeyField(Person, on_delete='CASCADE')
        created_at = DateTimeField()
        seen_at = DateTimeField()
        expires_at = DateTimeField()
        address = CharField(max_length=64, default='')
        agent = CharField(max_length=200, default='')
        class Meta:
            database = db
            table_name = 'session'
    db.create_tables([Session])

    class Stale(Model):
        partner = ForeignKeyField(Partner, on_delete='CASCADE')
        kpi = ForeignKeyField(Kpi, null=True, on_delete='CASCADE')
        day = DateField(null=True)
        at = DateTimeField()
        class Meta:
            database = db
            table_name = 'stale'
    db.create_tables([Stale])

    class Target(Model):
        kpi = ForeignKeyField(Kpi, on_delete='CASCADE')
        tier = ForeignKeyField(Tier, null=True, on_delete='CASCADE')
        partner = ForeignKeyField(Partner, null=True, on_delete='CASCADE')
        valid_from = DateField()
        value = BigIntegerField(null=True)
        author = ForeignKeyField(Person, null=True, on_delete='SET NULL')
        created_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'target'
            indexes = ((('kpi', 'tier', 'partner', 'valid_from'), False),)
    db.create_tables([Target])


def down(migrator, db):
    migrator.migrate(migrator.drop_table('target'))
    migrator.migrate(migrator.drop_table('stale'))
    migrator.migrate(migrator.drop_table('session'))
    migrator.migrate(migrator.drop_table('scorecard'))
    migrator.migrate(migrator.drop_table('schedule'))
    migrator.migrate(migrator.drop_table('receipt'))
    migrator.migrate(migrator.drop_table('rate'))
    migrator.migrate(migrator.drop_table('organisation'))
    migrator.migrate(migrator.drop_table('mail'))
    migrator.migrate(migrator.drop_table('link'))
    migrator.migrate(migrator.drop_table('kpi_result'))
    migrator.migrate(migrator.drop_table('kpi_version'))
    migrator.migrate(migrator.drop_table('kpi_entry'))
    migrator.migrate(migrator.drop_table('kpi'))
    migrator.migrate(migrator.drop_table('job'))
    migrator.migrate(migrator.drop_table('import_row'))
    migrator.migrate(migrator.drop_table('import_map'))
    migrator.migrate(migrator.drop_table('import'))
    migrator.migrate(migrator.drop_table('hit'))
    migrator.migrate(migrator.drop_table('deal'))
    migrator.migrate(migrator.drop_table('stage'))
    migrator.migrate(migrator.drop_table('custom_field'))
    migrator.migrate(migrator.drop_table('closed_period'))
    migrator.migrate(migrator.drop_table('business_role'))
    migrator.migrate(migrator.drop_table('activity'))
    migrator.migrate(migrator.drop_table('person'))
    migrator.migrate(migrator.drop_table('contact'))
    migrator.migrate(migrator.drop_table('partner'))
    migrator.migrate(migrator.drop_table('tier'))
