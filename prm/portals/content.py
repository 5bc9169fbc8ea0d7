"""What a portal can be made of, and the templates to begin with: each its own selection and order of pages and home sections."""
from __future__ import annotations

from dataclasses import dataclass


# Entries of the menu, by the key of the menu of the whole portal (prm/menu.py); a page of the portal's own is "page:slug".
ENTRIES = {
    "home": "Home", "scorecards": "Scorecards", "deals": "Deals", "contacts": "Contacts", "partners": "Your company", "records": "Objects of your own",
    "reports": "Reports", "dashboards": "Dashboards", "surveys": "Surveys",
}  # fmt: skip
SECTIONS = {
    "welcome": "Welcome text", "figures": "Key figures", "board": "Dashboard of the role", "scorecard": "Scorecard", "contact": "Contact with us",
    "surveys": "Surveys that wait", "news": "Latest news",
}  # fmt: skip
PAGE = "page:"


@dataclass(frozen=True)
class Template:
    key: str
    name: str
    about: str
    welcome: str
    menu: tuple[str, ...]
    home: tuple[str, ...]
    pages: tuple[tuple[str, str, str], ...] = ()


HELP = """## Who to ask

Your channel manager is named on the home page. Write to them about deals, targets and anything that is in the way.

## What you find here

- **Scorecards**: how you did in each period, and against what.
- **Deals**: what you register with us, and where it stands.
- **Surveys**: what we ask you, and what came of it.
"""
STARTING = """## Your first month

1. Look at your company's page: is everything right?
2. Invite the colleagues who work with us.
3. Register the first deal.

## Materials

Replace this text with links to your trainings, price lists and presentations.
"""
TEMPLATES = {
    template.key: template
    for template in (
        Template("central", "Partner Central", "Everything in one place: scorecard, deals, people, surveys, help.",
                 "Welcome. Here is how we are doing together, and what is next.",
                 ("home", "scorecards", "deals", "contacts", "partners", "records", "reports", "dashboards", "surveys", "page:help"),
                 ("welcome", "figures", "board", "scorecard", "contact", "surveys", "news"), (("help", "Help", HELP),)),
        Template("performance", "Performance Hub", "Figures first: the scorecard and dashboards lead, the rest follows.",
                 "Where you stand, and what moves it.",
                 ("home", "scorecards", "dashboards", "reports", "deals", "partners", "surveys"), ("figures", "scorecard", "board", "contact", "news")),
        Template("enablement", "Enablement", "For partners who learn: starting page, certifications, surveys, people.",
                 "Everything you need to sell and deliver with us.",
                 ("home", "page:start", "records", "contacts", "surveys", "deals", "page:help"), ("welcome", "surveys", "contact", "news"),
                 (("start", "Get started", STARTING), ("help", "Help", HELP))),
        Template("minimal", "Minimal", "Deals and nothing else. For partners you see once a quarter.",
                 "Register a deal, and see what became of the others.", ("home", "deals"), ("figures", "contact")),
    )
}  # fmt: skip
