"""An AI audio and video studio: recognise sound, summarise, edit and compose video.

From Python, a task is one call: ``avai.services.recognize.recognize(request, out)``. From a shell it is
``python -m avai recognize FILE --out DIR``, and ``app.py`` serves the same services as a page.
"""

__version__ = "0.1.0"
