"""A company to try things on: what its HR exports, and what the accounts of its people have become."""

from connectors.sandbox.company.accounts import okta_seed, scim_seed
from connectors.sandbox.company.build import company
from connectors.sandbox.company.hr_files import write_hr
from connectors.sandbox.company.next_day import next_day
from connectors.sandbox.company.people import Company, Drift

__all__ = ["Company", "Drift", "company", "next_day", "okta_seed", "scim_seed", "write_hr"]
