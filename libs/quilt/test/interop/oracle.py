"""Says what the Python client makes of manifests and addresses: python oracle.py QUESTIONS ANSWERS, a JSON line each."""
import base64
import io
import json
import os
import sys

os.environ.update(QUILT_DISABLE_USAGE_METRICS='true', QUILT_MINIMIZE_STDOUT='true')
from quilt3 import Package  # noqa: E402
from quilt3.util import PhysicalKey  # noqa: E402


def manifest(data):
    answer = {'stage': 'load'}
    try:
        package = Package._load(io.TextIOWrapper(io.BytesIO(data), encoding='utf-8'))
        answer['stage'] = 'top_hash'
        answer['topHash'] = package.top_hash
        answer['stage'] = 'dump'
        text = io.StringIO()
        package._dump(text)
        answer['dump'] = base64.b64encode(text.getvalue().encode()).decode()
        answer['stage'] = 'ok'
    except (Exception, RecursionError) as error:
        answer['error'] = f'{type(error).__name__}: {error}'[:200]
    return answer


def address(url):
    try:
        key = PhysicalKey.from_url(url)
    except Exception as error:
        return {'ok': False, 'error': str(error)}
    try:
        text = str(key)
    except Exception:
        text = None
    return {'ok': True, 'bucket': key.bucket, 'path': key.path, 'versionId': key.version_id, 'text': text}


with open(sys.argv[1]) as questions, open(sys.argv[2], 'w') as answers:
    for line in questions:
        kind, value = json.loads(line)
        answer = manifest(base64.b64decode(value)) if kind == 'manifest' else address(value)
        answers.write(json.dumps(answer) + '\n')
