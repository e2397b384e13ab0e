"""Jobs: services run by their name in worker processes, with progress, stop, limits and one sentence for a crash.

    with Studio(settings()) as studio:
        job = studio.submit("recognize", RecognizeRequest(clip=path))
        for update in job.updates():
            print(update.done, update.what, update.left)
        recognition = job.result()

Services are named by strings and imported in the workers alone: this process loads no network and opens no media.
"""

from avai.jobs.failures import sentence_of
from avai.jobs.job import Job, State, Update
from avai.jobs.studio import Studio

__all__ = ["Job", "State", "Studio", "Update", "sentence_of"]
