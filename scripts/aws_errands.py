"""Small errands of `scripts/deploy` in AWS.

make ENVIRONMENT NAME...        puts a random secret at /commonweal/ENVIRONMENT/NAME where there is none
list ENVIRONMENT NAME...        puts the empty list there: what a person configures
show ENVIRONMENT NAME           prints one
publish ENVIRONMENT FOLDER [BELOW]  copies FOLDER into the public bucket under static/BELOW, with long cache times
"""

import mimetypes
import pathlib
import secrets
import sys

import boto3


def path(environment, name):
    return f"/commonweal/{environment}/{name}"


def put(environment, names, value):
    ssm = boto3.client("ssm")
    for name in names:
        try:
            ssm.put_parameter(Name=path(environment, name), Value=value(), Type="SecureString", Overwrite=False)
            print(f"made {path(environment, name)}", file=sys.stderr)
        except ssm.exceptions.ParameterAlreadyExists:
            pass


def make(environment, *names):
    put(environment, names, lambda: secrets.token_hex(32))


def empty_list(environment, *names):
    put(environment, names, lambda: "[]")


def show(environment, name):
    print(boto3.client("ssm").get_parameter(Name=path(environment, name), WithDecryption=True)["Parameter"]["Value"])


def publish(environment, folder, below=""):
    s3 = boto3.client("s3")
    account = boto3.client("sts").get_caller_identity()["Account"]
    for file in sorted(pathlib.Path(folder).rglob("*")):
        if file.is_file() and not file.name.startswith("."):
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            key = f"static/{below}{file.relative_to(folder).as_posix()}"
            extra = {"ContentType": kind, "CacheControl": "public, max-age=86400"}
            s3.upload_file(str(file), f"commonweal-{environment}-public-{account}", key, ExtraArgs=extra)


if __name__ == "__main__":
    {"make": make, "list": empty_list, "show": show, "publish": publish}[sys.argv[1]](*sys.argv[2:])
