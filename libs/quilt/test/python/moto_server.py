"""An S3 server on a free port of the loopback, for tests: moto 5.2.1, and what it lacks.

Prints the port and serves until its input ends. moto gives no SHA-256 of multipart uploads and part copies, which the
Quilt client takes the checksum of large objects from; here CompleteMultipartUpload, UploadPartCopy and HeadObject do.
"""

import base64
import hashlib
import sys
import threading

from moto.moto_server.threaded_moto_server import ThreadedMotoServer
from moto.s3 import models, responses

current = threading.local()
complete_multipart_upload = models.S3Backend.complete_multipart_upload
upload_part_copy = models.S3Backend.upload_part_copy
serialized = responses.S3Response.serialized
head_object = responses.S3Response.head_object


def is_composite(key):
    return getattr(key, "checksum_type", None) == "COMPOSITE"


def complete_and_remember(self, *args, **kwargs):
    current.key = complete_multipart_upload(self, *args, **kwargs)
    return current.key


def copy_part_and_remember(self, *args, **kwargs):
    current.part = upload_part_copy(self, *args, **kwargs)
    return current.part


def serialized_with_checksums(self, action_result):
    action, result = self.data.get("Action"), action_result.result
    key, part = getattr(current, "key", None), getattr(current, "part", None)
    if action == "CompleteMultipartUpload" and key is not None and key.checksum_algorithm:
        suffix = f"-{key.checksum_parts}" if is_composite(key) else ""
        result[f"Checksum{key.checksum_algorithm}"] = f"{key.checksum_value}{suffix}"
        result["ChecksumType"] = key.checksum_type
        current.key = None
    elif action == "UploadPartCopy" and part is not None:
        digest = hashlib.sha256(part.value).digest()
        result["CopyPartResult"]["ChecksumSHA256"] = base64.b64encode(digest).decode()
        current.part = None
    return serialized(self, action_result)


def head_with_parts(self, *args, **kwargs):
    status, headers, body = head_object(self, *args, **kwargs)
    names = [name for name in headers if name.startswith("x-amz-checksum-") and name != "x-amz-checksum-type"]
    if names:
        version = self.querystring.get("versionId", [None])[0]
        key = self.backend.head_object(self.bucket_name, self.parse_key_name(), version)
        for name in names:
            if is_composite(key) and "-" not in str(headers[name]):
                headers[name] = f"{headers[name]}-{key.checksum_parts}"
    return status, headers, body


models.S3Backend.complete_multipart_upload = complete_and_remember
models.S3Backend.upload_part_copy = copy_part_and_remember
responses.S3Response.serialized = serialized_with_checksums
responses.S3Response.head_object = head_with_parts

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
server.stop()
