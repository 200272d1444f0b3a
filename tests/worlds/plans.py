"""How the files of the staging tests are read."""

from datetime import UTC, datetime

from handfast.ingest.models import Column
from handfast.ingest.plan import Plan

SECRET = b"a secret of the tests"
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
EMAIL = Column("mail", "identity", 1, "hash")
PLAN = Plan("csv", (EMAIL,), None, {"seg_1": "seg_1", "seg_2": "seg_2", "loyal": "seg_2"}, "US", SECRET, 6, AT)
