"""Every table, one file per noun; plumbing tables are defined beside their plumbing in core and listed here too."""
from prm.core.jobs import Job, Schedule
from prm.core.ledger import Receipt
from prm.core.mail import Mail
from prm.core.throttle import Hit
from prm.models.activity import Activity
from prm.models.contact import Contact
from prm.models.custom import CustomField, CustomObject, CustomRecord, Layout, records_of
from prm.models.dashboard import Dashboard, Tile
from prm.models.deal import Deal
from prm.models.kpi import Kpi, KpiEntry, KpiResult, KpiVersion, Stale, Target
from prm.models.organisation import BusinessRole, ClosedPeriod, Organisation, Rate, Stage, Tier
from prm.models.partner import Partner
from prm.models.person import ApiToken, Link, Person, Role, Session
from prm.models.portal import Application, Portal, PortalPicture, PortalVersion
from prm.models.report import Folder, Report, ReportReader, ReportVersion
from prm.models.scorecard import Scorecard
from prm.models.subscription import Delivery, Subscriber, Subscription
from prm.models.survey import Answer, Ballot, Invitation, Response, Survey, SurveyAction, SurveyQuestion, SurveyVersion, Wave
from prm.models.transfer import Import, ImportMap, ImportRow

TABLES = [
    Organisation, Tier, Stage, BusinessRole, Rate, ClosedPeriod,
    Partner, Contact, Person, Session, ApiToken, Link, Deal, CustomObject, CustomField, CustomRecord, Layout,
    Kpi, KpiVersion, Target, KpiEntry, KpiResult, Stale, Scorecard,
    Portal, PortalVersion, PortalPicture, Application,
    Activity, Import, ImportRow, ImportMap,
    Folder, Report, ReportVersion, ReportReader, Dashboard, Tile,
    Job, Schedule, Mail, Hit, Receipt, Subscription, Subscriber, Delivery,
    Survey, SurveyVersion, SurveyQuestion, Wave, Invitation, Response, Answer, Ballot, SurveyAction,
]  # fmt: skip

__all__ = [table.__name__ for table in TABLES] + ["Role", "TABLES", "records_of"]
