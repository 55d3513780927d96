"""What kinds of errors mean, for whoever must not let one person's trouble hold up everybody else."""

from typing import Final

from django.db import DataError, IntegrityError, InterfaceError, OperationalError

from omnichannel.shared.failpoints import InjectedError

PASSING: Final = (OperationalError, InterfaceError, InjectedError)  # of the moment: the next run may do it
SPOILT: Final = (DataError, IntegrityError, ValueError, TypeError)  # of the data of one person
