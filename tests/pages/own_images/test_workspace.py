"""Images on the server's disk that nobody visits."""

import asyncio
import os
import time
from contextlib import suppress

from core.topics.own_images.examples import examples
from pages.own_images.workspace import remove_old_images

OWNER, OTHER = "a" * 32, "b" * 32
DAY = 24 * 3600


def test_the_images_of_absent_users_are_deleted_though_nobody_opens_the_page(store):
    for owner, days in ((OWNER, store.keep_days - 1), (OTHER, store.keep_days + 1)):
        store.save(owner, examples()[:1])
        visited = time.time() - days * DAY
        os.utime(store.folder / owner / "project.json", (visited, visited))

    async def work_until_deleted() -> None:
        task = asyncio.create_task(remove_old_images(every=0.01))
        with suppress(TimeoutError):
            async with asyncio.timeout(30):
                while (store.folder / OTHER).exists():
                    await asyncio.sleep(0.01)
        task.cancel()

    asyncio.run(work_until_deleted())
    assert [folder.name for folder in store.folder.iterdir()] == [OWNER]
