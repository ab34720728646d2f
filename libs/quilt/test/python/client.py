"""The real Quilt client, driven by a test: one JSON command a line in, one JSON answer a line out."""

import contextlib
import json
import sys

import quilt3


def describe(package):
    return {
        "top_hash": package.top_hash,
        "header": package._meta,
        "entries": [
            [key, str(entry.physical_key), entry.size, entry.hash, entry._meta] for key, entry in package.walk()
        ],
        "folders": dict(package._walk_dir_meta()),
    }


def build_package(command):
    package = quilt3.Package()
    if command.get("base"):
        package = quilt3.Package.browse(command["name"], registry=command["registry"])
    if "meta" in command:
        package.set_meta(command["meta"])
    for key, source, meta in command["entries"]:
        package.set(key, source, meta=meta)
    for key, meta in command.get("folders", []):
        package[key].set_meta(meta)
    return package


def browse(command):
    return describe(
        quilt3.Package.browse(command["name"], registry=command["registry"], top_hash=command.get("top_hash"))
    )


def fetch(command):
    package = quilt3.Package.browse(command["name"], registry=command["registry"])
    package.fetch(command["folder"])
    return package.verify(command["folder"])


def build(command):
    return build_package(command).build(command["name"], registry=command["registry"], message=command["message"])


def push(command):
    options = {"message": command["message"], "workflow": command.get("workflow", ...)}
    pushed = build_package(command).push(command["name"], registry=command["registry"], **options)
    return describe(pushed)


def verify(command):
    return quilt3.Package.browse(command["name"], registry=command["registry"]).verify(command["folder"])


def packages(command):
    return sorted(quilt3.list_packages(command["registry"]))


def versions(command):
    return sorted(map(list, quilt3.list_package_versions(command["name"], command["registry"])))


def delete(command):
    quilt3.delete_package(command["name"], command["registry"], command.get("top_hash"))


def rollback(command):
    quilt3.Package.rollback(command["name"], command["registry"], command["top_hash"])


def schema_error(command):
    """The first thing that is wrong with a value under a JSON Schema, as the client would say it."""
    import jsonschema

    try:
        jsonschema.Draft7Validator.check_schema(command["schema"])
    except jsonschema.SchemaError as error:
        return "schema: " + error.message
    for error in jsonschema.Draft7Validator(command["schema"]).iter_errors(command["value"]):
        return error.message
    return None


def search(command):
    import re

    try:
        pattern = re.compile(command["pattern"])
    except re.error:
        return None
    return [pattern.search(text) is not None for text in command["texts"]]


commands = {f.__name__: f for f in (browse, fetch, build, push, verify, packages, versions, delete, rollback, schema_error, search)}

answers = sys.stdout
for line in sys.stdin:
    command = json.loads(line)
    with contextlib.redirect_stdout(sys.stderr):
        try:
            answer = {"result": commands[command["do"]](command)}
        except Exception as error:  # the test wants to see every error
            answer = {"error": f"{type(error).__name__}: {error}"}
    answers.write(json.dumps(answer) + "\n")
    answers.flush()
