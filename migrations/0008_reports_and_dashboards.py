"""Reports with their versions and readers, dashboards with tiles, subscriptions with what became of them; mails with files."""
from peewee import *


def up(migrator, db):
    class Kpi(Model):
        class Meta:
            database = db
            table_name = 'kpi'

    class Mail(Model):
        class Meta:
            database = db
            table_name = 'mail'

    class Person(Model):
        class Meta:
            database = db
            table_name = 'person'

    class Dashboard(Model):
        name = CharField(max_length=120)
        description = TextField(default='')
        owner = ForeignKeyField(Person, null=True, on_delete='SET NULL')
        sharing = CharField(max_length=10, default='private')
        home_of = CharField(max_length=20, default='')
        filters = JSONField(default=dict)
        version = IntegerField(default=1)
        created_at = DateTimeField()
        updated_at = DateTimeField()
        deleted_at = DateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'dashboard'
    db.create_tables([Dashboard])

    class Folder(Model):
        name = CharField(unique=True, max_length=80)
        position = IntegerField(default=0)
        class Meta:
            database = db
            table_name = 'folder'
    db.create_tables([Folder])

    class Report(Model):
        name = CharField(max_length=120)
        description = TextField(default='')
        object = CharField(max_length=40)
        content = JSONField()
        folder = ForeignKeyField(Folder, null=True, on_delete='SET NULL')
        owner = ForeignKeyField(Person, null=True, on_delete='SET NULL')
        sharing = CharField(max_length=10, default='private')
        version = IntegerField(default=1)
        created_at = DateTimeField()
        updated_at = DateTimeField()
        deleted_at = DateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'report'
    db.create_tables([Report])

    class Subscription(Model):
        report = ForeignKeyField(Report, null=True, on_delete='CASCADE')
        dashboard = ForeignKeyField(Dashboard, null=True, on_delete='CASCADE')
        owner = ForeignKeyField(Person, on_delete='CASCADE')
        every = CharField(max_length=8, default='week')
        on_day = IntegerField(default=0)
        hour = IntegerField(default=8)
        zone = CharField(max_length=64, default='UTC')
        condition = JSONField(default=dict)
        form = CharField(max_length=8, default='inline')
        next_at = DateTimeField(index=True)
        stopped_at = DateTimeField(null=True)
        created_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'subscription'
    db.create_tables([Subscription])

    class Delivery(Model):
        subscription = ForeignKeyField(Subscription, on_delete='CASCADE', index=False)
        person = ForeignKeyField(Person, on_delete='CASCADE')
        due_at = DateTimeField()
        at = DateTimeField()
        outcome = CharField(max_length=8)
        reason = TextField(default='')
        mail = ForeignKeyField(Mail, null=True, on_delete='SET NULL')
        class Meta:
            database = db
            table_name = 'delivery'
            indexes = ((('subscription', 'person', 'due_at'), True),)
    db.create_tables([Delivery])

    class ReportReader(Model):
        report = ForeignKeyField(Report, on_delete='CASCADE', index=False)
        person = ForeignKeyField(Person, on_delete='CASCADE')
        favourite = BooleanField(default=False)
        seen_at = DateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'report_reader'
            indexes = ((('report', 'person'), True),)
    db.create_tables([ReportReader])

    class ReportVersion(Model):
        report = ForeignKeyField(Report, on_delete='CASCADE', index=False)
        number = IntegerField()
        name = CharField(max_length=120)
        content = JSONField()
        author = ForeignKeyField(Person, null=True, on_delete='SET NULL')
        created_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'report_version'
            indexes = ((('report', 'number'), True),)
    db.create_tables([ReportVersion])

    class Subscriber(Model):
        subscription = ForeignKeyField(Subscription, on_delete='CASCADE', index=False)
        person = ForeignKeyField(Person, on_delete='CASCADE')
        ended_at = DateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'subscriber'
            indexes = ((('subscription', 'person'), True),)
    db.create_tables([Subscriber])

    class Tile(Model):
        dashboard = ForeignKeyField(Dashboard, on_delete='CASCADE')
        position = IntegerField(default=0)
        width = IntegerField(default=6)
        kind = CharField(max_length=10, default='report')
        report = ForeignKeyField(Report, null=True, on_delete='CASCADE')
        kpi = ForeignKeyField(Kpi, null=True, on_delete='CASCADE')
        title = CharField(max_length=120, default='')
        text = TextField(default='')
        look = JSONField(default=dict)
        class Meta:
            database = db
            table_name = 'tile'
    db.create_tables([Tile])

    migrator.migrate(migrator.add_column('mail', 'html', TextField(default='')))
    migrator.migrate(migrator.add_column('mail', 'attachments', JSONField(null=True)))


def down(migrator, db):
    migrator.migrate(migrator.drop_column('mail', 'attachments'))
    migrator.migrate(migrator.drop_column('mail', 'html'))
    migrator.migrate(migrator.drop_table('tile'))
    migrator.migrate(migrator.drop_table('subscriber'))
    migrator.migrate(migrator.drop_table('report_version'))
    migrator.migrate(migrator.drop_table('report_reader'))
    migrator.migrate(migrator.drop_table('delivery'))
    migrator.migrate(migrator.drop_table('subscription'))
    migrator.migrate(migrator.drop_table('report'))
    migrator.migrate(migrator.drop_table('folder'))
    migrator.migrate(migrator.drop_table('dashboard'))
