"""One step of the benchmark with the Python client: python quilt3_step.py STEP FILE...; prints one line of JSON."""
import json
import os
import pathlib
import resource
import sys
import time

os.environ.update(QUILT_DISABLE_USAGE_METRICS='true', QUILT_MINIMIZE_STDOUT='true')
import quilt3  # noqa: E402
from quilt3 import Package  # noqa: E402
from quilt3.data_transfer import FileChecksumTask, calculate_multipart_checksum  # noqa: E402
from quilt3.packages import PackageEntry  # noqa: E402
from quilt3.util import PhysicalKey  # noqa: E402

step, *files = sys.argv[1:]
own = None


def load(name):
    return Package._from_path(name)


if step == 'page':
    package = load(files[0])
    list(package['dir050'].keys())[:50]
elif step == 'keys':
    sum(entry.size for _, entry in load(files[0]).walk())
elif step == 'top-hash':
    load(files[0]).top_hash
elif step == 'write':
    package = Package()
    for i in range(1_000_000):
        key = f'dir{i // 10_000:03}/file{i:07}.csv'
        value = {'type': 'sha2-256-chunked', 'value': 'LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE='}
        physical = PhysicalKey('bench-bucket', f'user/pkg/{key}', f'{i:A>16}bcdefghijklmnop')
        folder = package._ensure_subpackage(key.split('/')[:-1])
        folder._children[key.split('/')[-1]] = PackageEntry(physical, i * 37, value, {})
    start = time.perf_counter()
    with open(files[0], 'w', encoding='utf-8') as out:
        package.dump(out)
    own = (time.perf_counter() - start) * 1000
elif step == 'diff':
    load(files[0]).diff(load(files[1]))
elif step in ('list-packages', 'list-revisions'):
    registry = pathlib.Path(files[0]).as_uri()
    start = time.perf_counter()
    names = list(quilt3.list_packages(registry))
    if step == 'list-revisions':
        for name in names:
            list(quilt3.list_package_versions(name, registry))
    own = (time.perf_counter() - start) * 1000
elif step == 'hash':
    size = pathlib.Path(files[0]).stat().st_size
    calculate_multipart_checksum([FileChecksumTask.create(PhysicalKey.from_path(files[0]), size, 'sha2-256-chunked')])
else:
    raise SystemExit(f'no step {step}')

print(json.dumps({'own': own, 'mebibytes': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
