"""Failed attempts to sign in, counted so that guessing passwords becomes pointless."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime


class SignInFailure(Base):
    """Recent failures for one e-mail address or one network address, existing account or not."""

    __tablename__ = "sign_in_failure"

    #: Keyed HMAC of what is counted, so that the table names nobody.
    key: Mapped[str] = mapped_column(primary_key=True)
    #: Failures in a row since ``first_at``.
    failures: Mapped[int]
    first_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    #: No attempt is looked at before this moment; None = none is refused.
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
