"""The values of a period lie in order in an index with their partners: the median of a tier is read out of it alone."""
from peewee import *


def up(migrator, db):
    migrator.migrate(migrator.drop_index('kpi_result', 'kpiresult_period_kpi_id_attainment'))
    migrator.migrate(migrator.add_index('kpi_result', ('period', 'kpi_id', 'value', 'partner_id')))


def down(migrator, db):
    migrator.migrate(migrator.drop_index('kpi_result', 'kpi_result_period_kpi_id_value_partner_id'))
    migrator.migrate(migrator.add_index('kpi_result', ('period', 'kpi_id', 'attainment'), name='kpiresult_period_kpi_id_attainment'))
