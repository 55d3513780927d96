"""The WSGI application that granian serves."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from omnichannel.shared.garbage import look_seldom
from omnichannel.shared.threads import closing

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnichannel.settings")
application = closing(get_wsgi_application())
# Views are imported with the addresses. Left to the first request, it and all that come with it wait for a second.
_addresses = get_resolver().url_patterns
look_seldom()
