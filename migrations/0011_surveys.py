"""Surveys: what is asked in versions, waves, invitations, answers, the box of anonymous ones; contacts may refuse them."""
from peewee import *


def up(migrator, db):
    class Contact(Model):
        class Meta:
            database = db
            table_name = 'contact'

    class Mail(Model):
        class Meta:
            database = db
            table_name = 'mail'

    class Partner(Model):
        class Meta:
            database = db
            table_name = 'partner'

    class Person(Model):
        class Meta:
            database = db
            table_name = 'person'

    class Survey(Model):
        title = CharField(max_length=200)
        state = CharField(max_length=6, default='draft')
        anonymous = BooleanField(default=False)
        again = CharField(max_length=8, default='last')
        content = JSONField(default=dict)
        before = JSONField(null=True)
        version = IntegerField(default=0)
        rest_days = IntegerField(default=30)
        open_hash = CharField(index=True, max_length=64, default='')
        shared = BooleanField(default=False)
        owner = ForeignKeyField(Person, null=True, on_delete='SET NULL')
        deleted_at = DateTimeField(null=True)
        created_at = DateTimeField()
        updated_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'survey'
    db.create_tables([Survey])

    class Wave(Model):
        survey = ForeignKeyField(Survey, on_delete='CASCADE', index=False)
        number = IntegerField()
        how = CharField(max_length=6, default='mail')
        label = CharField(max_length=80, default='')
        recipients = JSONField(default=dict)
        subject = CharField(max_length=200, default='')
        text = TextField(default='')
        ask = CharField(max_length=60, default='')
        send_at = DateTimeField(null=True)
        sent_at = DateTimeField(null=True)
        closes_at = DateTimeField(null=True)
        remind_days = IntegerField(default=0)
        remind_times = IntegerField(default=0)
        every = CharField(max_length=8, default='')
        next_at = DateTimeField(null=True)
        trouble = TextField(default='')
        author = ForeignKeyField(Person, null=True, on_delete='SET NULL')
        created_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'wave'
            indexes = ((('survey', 'number'), True),)
    db.create_tables([Wave])

    class Invitation(Model):
        wave = ForeignKeyField(Wave, on_delete='CASCADE', index=False)
        contact = ForeignKeyField(Contact, on_delete='CASCADE', index=False)
        partner = ForeignKeyField(Partner, on_delete='CASCADE')
        key_hash = CharField(unique=True, null=True, max_length=64)
        mail = ForeignKeyField(Mail, null=True, on_delete='SET NULL')
        held = TextField(default='')
        asked_at = DateTimeField(null=True)
        opened_at = DateTimeField(null=True)
        started_at = DateTimeField(null=True)
        answered = BooleanField(default=False)
        answered_at = DateTimeField(null=True)
        draft = JSONField(null=True)
        reminded = IntegerField(default=0)
        reminded_at = DateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'invitation'
            indexes = ((('wave', 'contact'), True), (('contact', 'asked_at'), False))
    db.create_tables([Invitation])

    class Response(Model):
        survey = ForeignKeyField(Survey, on_delete='CASCADE')
        wave = ForeignKeyField(Wave, on_delete='CASCADE')
        version = IntegerField()
        language = CharField(max_length=12, default='en')
        invitation = ForeignKeyField(Invitation, unique=True, null=True, on_delete='SET NULL')
        contact = ForeignKeyField(Contact, null=True, on_delete='SET NULL', index=False)
        partner = ForeignKeyField(Partner, null=True, on_delete='SET NULL', index=False)
        day = DateField()
        submitted_at = DateTimeField(null=True)
        sealed = BooleanField(default=False)
        class Meta:
            database = db
            table_name = 'response'
    db.create_tables([Response])

    class SurveyQuestion(Model):
        survey = ForeignKeyField(Survey, on_delete='CASCADE', index=False)
        code = CharField(max_length=60)
        row = CharField(max_length=60, default='')
        kind = CharField(max_length=12)
        wording = TextField(default='')
        position = IntegerField(default=0)
        class Meta:
            database = db
            table_name = 'survey_question'
            indexes = ((('survey', 'code', 'row'), True),)
    db.create_tables([SurveyQuestion])

    class Answer(Model):
        response = ForeignKeyField(Response, on_delete='CASCADE')
        question = ForeignKeyField(SurveyQuestion, on_delete='CASCADE', index=False)
        choice = CharField(max_length=60, default='')
        number = BigIntegerField(null=True)
        text = TextField(default='')
        tags = JSONField(default=list)
        survey = ForeignKeyField(Survey, on_delete='CASCADE', index=False)
        wave = ForeignKeyField(Wave, on_delete='CASCADE', index=False)
        contact = ForeignKeyField(Contact, null=True, on_delete='SET NULL', index=False)
        partner = ForeignKeyField(Partner, null=True, on_delete='SET NULL', index=False)
        day = DateField()
        sealed = BooleanField(default=False)
        class Meta:
            database = db
            table_name = 'answer'
            indexes = ((('survey', 'question', 'wave', 'choice', 'number'), False), (('partner', 'day'), False), (('question', 'day'), False))
    db.create_tables([Answer])

    class Ballot(Model):
        id = BigIntegerField(primary_key=True)
        wave = ForeignKeyField(Wave, on_delete='CASCADE')
        version = IntegerField()
        language = CharField(max_length=12, default='en')
        answers = JSONField(default=dict)
        class Meta:
            database = db
            table_name = 'ballot'
    db.create_tables([Ballot])

    class SurveyAction(Model):
        survey = ForeignKeyField(Survey, on_delete='CASCADE')
        said = TextField()
        did = TextField(default='')
        owner = ForeignKeyField(Person, null=True, on_delete='SET NULL')
        due_on = DateField(null=True)
        done_at = DateTimeField(null=True)
        told = IntegerField(default=0)
        created_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'survey_action'
    db.create_tables([SurveyAction])

    class SurveyVersion(Model):
        survey = ForeignKeyField(Survey, on_delete='CASCADE', index=False)
        number = IntegerField()
        content = JSONField()
        author = ForeignKeyField(Person, null=True, on_delete='SET NULL')
        created_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'survey_version'
            indexes = ((('survey', 'number'), True),)
    db.create_tables([SurveyVersion])

    migrator.migrate(migrator.add_column('contact', 'no_surveys_at', DateTimeField(null=True)))


def down(migrator, db):
    migrator.migrate(migrator.drop_column('contact', 'no_surveys_at'))
    migrator.migrate(migrator.drop_table('survey_version'))
    migrator.migrate(migrator.drop_table('survey_action'))
    migrator.migrate(migrator.drop_table('ballot'))
    migrator.migrate(migrator.drop_table('answer'))
    migrator.migrate(migrator.drop_table('survey_question'))
    migrator.migrate(migrator.drop_table('response'))
    migrator.migrate(migrator.drop_table('invitation'))
    migrator.migrate(migrator.drop_table('wave'))
    migrator.migrate(migrator.drop_table('survey'))
