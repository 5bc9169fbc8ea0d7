"""Objects of the portal's own with their records, what the fields that are added can do besides, and which fields a page shows."""
from peewee import *


def up(migrator, db):
    class Partner(Model):
        class Meta:
            database = db
            table_name = 'partner'

    class CustomObject(Model):
        key = CharField(unique=True, max_length=20)
        label = CharField(max_length=60)
        plural = CharField(max_length=60)
        icon = CharField(max_length=30, default='layers')
        help = CharField(max_length=400, default='')
        audience = CharField(max_length=12, default='partner')
        position = IntegerField(default=0)
        deleted_at = DateTimeField(null=True)
        created_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'custom_object'
    db.create_tables([CustomObject])

    class CustomRecord(Model):
        object = ForeignKeyField(CustomObject, on_delete='CASCADE', index=False)
        number = CharField(max_length=60)
        partner = ForeignKeyField(Partner, on_delete='CASCADE')
        name = CharField(max_length=200, default='')
        custom = JSONField(default=dict)
        search_text = TextField(default='')
        version = IntegerField(default=1)
        created_at = DateTimeField()
        updated_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'custom_record'
            indexes = ((('object', 'number'), True), (('object', 'partner'), False))
    db.create_tables([CustomRecord])

    class Layout(Model):
        object = CharField(max_length=20)
        role = CharField(max_length=20, default='')
        sections = JSONField(default=list)
        class Meta:
            database = db
            table_name = 'layout'
            indexes = ((('object', 'role'), True),)
    db.create_tables([Layout])

    migrator.migrate(migrator.add_column('custom_field', 'unique', BooleanField(default=False)))
    migrator.migrate(migrator.add_column('custom_field', 'rollup', JSONField(null=True)))
    migrator.migrate(migrator.add_column('custom_field', 'valid', TextField(default='')))
    migrator.migrate(migrator.add_column('custom_field', 'valid_message', CharField(max_length=200, default='')))
    migrator.migrate(migrator.add_column('custom_field', 'section', CharField(max_length=60, default='')))
    migrator.migrate(migrator.add_column('custom_field', 'deleted_at', DateTimeField(null=True)))


def down(migrator, db):
    migrator.migrate(migrator.drop_column('custom_field', 'deleted_at'))
    migrator.migrate(migrator.drop_column('custom_field', 'section'))
    migrator.migrate(migrator.drop_column('custom_field', 'valid_message'))
    migrator.migrate(migrator.drop_column('custom_field', 'valid'))
    migrator.migrate(migrator.drop_column('custom_field', 'rollup'))
    migrator.migrate(migrator.drop_column('custom_field', 'unique'))
    migrator.migrate(migrator.drop_table('layout'))
    migrator.migrate(migrator.drop_table('custom_record'))
    migrator.migrate(migrator.drop_table('custom_object'))
