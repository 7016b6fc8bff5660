"""Deploys the same templates into ministack, by a real `sam deploy`, and uses every function there.

Run by `scripts/deploy emulator`. What it proves: the templates deploy; each HTTP function answers its event sample
through its alias, and through the API gateway; a message on each queue is consumed; a schedule fires.

Everything is read from the templates and `events/`. What the emulator lacks is left out by `Target=emulator` (network,
RDS, CloudFront, firewall, CodeDeploy) or worked around here, each with its reason where it stands. `--stand-ins` deploys a small
script in place of binaries that are not built yet: it proves the templates only, and says so.

`emulator.py package <file>` (of `scripts/deploy <environment> --dry-run`) only packages: the emulator takes what a deployment
would upload, and the file is the template that it would deploy.
"""

import base64
import http.client
import http.server
import json
import os
import pathlib
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request

import boto3
from cfnlint.decode import cfn_yaml

from templates import expanded, plain

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = ROOT / "target" / "emulator"
ENVIRONMENT = "dev"
REGION = "us-east-1"
MAIL_FROM = "no-reply@commonweal.example"
STACK = f"commonweal-{ENVIRONMENT}"

STAND_IN = '''#!/usr/bin/env python3
import json, os, urllib.request
api = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
while True:
    with urllib.request.urlopen(api + "next") as r:
        event, request = json.load(r), r.headers["Lambda-Runtime-Aws-Request-Id"]
    if "ResponseURL" in event:
        body = {"Status": "SUCCESS", "PhysicalResourceId": "migrations", "StackId": event["StackId"],
                "RequestId": event["RequestId"], "LogicalResourceId": event["LogicalResourceId"]}
        urllib.request.urlopen(urllib.request.Request(event["ResponseURL"], json.dumps(body).encode(), {"content-type": ""}, method="PUT"))
    answer = {"batchItemFailures": []} if "Records" in event else {"statusCode": 200, "body": "stand-in"}
    print(json.dumps({"level": "INFO", "message": "stand-in", "function": os.environ.get("AWS_LAMBDA_FUNCTION_NAME")}), flush=True)
    urllib.request.urlopen(urllib.request.Request(api + request + "/response", json.dumps(answer).encode(), method="POST"))
'''


class Function:
    """One function as its template declares it."""

    def __init__(self, service, resource):
        self.service = service
        properties = resource["Properties"]
        self.name = properties["CodeUri"].rstrip("/").rsplit("/", 1)[-1]
        self.code = ROOT / "target" / "lambda" / self.name
        events = properties.get("Events", {}).values()
        self.paths = [e["Properties"]["Path"] for e in events if e["Type"] == "HttpApi"]
        self.consumes = any(e["Type"] == "SQS" for e in events)
        self.every_minute = any(e["Type"] == "Schedule" and e["Properties"]["Schedule"] == "rate(1 minute)" for e in events)

    def built(self):
        """A binary is there: not nothing, and not a stand-in that a killed run left behind."""
        bootstrap = self.code / "bootstrap"
        return bootstrap.exists() and bootstrap.open("rb").read(2) != b"#!"

    def sample(self):
        return json.loads((ROOT / "events" / self.service / f"{self.name}.json").read_text())


def functions():
    found = []
    for path in sorted(ROOT.glob("functions/*/template.yaml")):
        for resource in plain(cfn_yaml.load(str(path)))["Resources"].values():
            if resource["Type"] == "AWS::Serverless::Function":
                found.append(Function(path.parent.name, resource))
    return found


def secret_names():
    """The secrets that any policy names."""
    texts = [path.read_text() for path in ROOT.glob("functions/*/template.yaml")]
    names = {n for text in texts for n in re.findall(r"parameter/commonweal/\$\{Environment\}/([\w/-]+)", text)}
    return names | {"database/password"}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def start_database():
    """An empty cluster; the functions migrate it themselves."""
    postgres = [str(ROOT / "scripts" / "postgres")]
    env = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    subprocess.run([*postgres, "stop", "--emulator"], env=env, check=False)
    home = pathlib.Path(os.environ["COMMONWEAL_HOME"]) / "postgres-emulator"
    shutil.rmtree(home / "data", ignore_errors=True)
    url = subprocess.run([*postgres, "start", "--emulator"], env=env, check=True, stdout=subprocess.PIPE, text=True).stdout
    ca = home / "tls" / "ca.pem"
    return urllib.parse.urlparse(url.strip()).port, ca if ca.exists() else ""


def start_emulator(port):
    environment = {**os.environ, "GATEWAY_PORT": str(port), "BIND_HOST": "127.0.0.1", "LAMBDA_EXECUTOR": "local"}
    environment |= {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "MINISTACK_REGION": REGION, "MINISTACK_HOST": "localhost"}
    environment.pop("DATABASE_URL", None)
    log = (WORK / "ministack.log").open("w")
    process = subprocess.Popen(["ministack"], env=environment, stdout=log, stderr=log, cwd=WORK)
    for _ in range(120):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/_ministack/health", timeout=2)
            return process
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.25)
    sys.exit(f"ministack did not start: {WORK / 'ministack.log'}")


def sam(*arguments):
    log = WORK / "sam.log"
    with log.open("a") as out:
        code = subprocess.run(["sam", *arguments, "--region", REGION], cwd=ROOT, stdout=out, stderr=subprocess.STDOUT).returncode
    if code:
        tail = "\n".join(log.read_text().splitlines()[-40:])
        sys.exit(f"{tail}\nsam {arguments[0]} failed: {log}")


def packaged_and_expanded(template):
    """ministack transforms the template it is given, but no nested one (and without its parameters): done here."""
    name = template.parent.name
    packaged, ready = WORK / f"{name}.yaml", WORK / f"{name}.json"
    sam("package", "--template-file", str(template), "--s3-bucket", "artefacts", "--output-template-file", str(packaged), "--no-progressbar")
    # No CodeDeploy there: aliases move at once.
    settings = {"GradualDeployment": "false", "HttpDeployment": "AllAtOnce"}
    ready.write_text(json.dumps(expanded(plain(cfn_yaml.load(str(packaged))), settings), indent=1))
    return ready


def deploy(overrides):
    (WORK / "sam.log").unlink(missing_ok=True)
    top = plain(cfn_yaml.load(str(ROOT / "template.yaml")))
    for resource in top["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Application":
            resource["Properties"]["Location"] = str(packaged_and_expanded(ROOT / resource["Properties"]["Location"]))
        elif resource["Type"] == "AWS::Serverless::LayerVersion":
            resource["Properties"]["ContentUri"] = str(ROOT / resource["Properties"]["ContentUri"])
    template = WORK / "template.json"
    template.write_text(json.dumps(top, indent=1))
    values = [f"{key}={value}" for key, value in overrides.items() if value != ""]
    capabilities = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
    command = ["deploy", "--template-file", str(template), "--stack-name", STACK, "--s3-bucket", "artefacts", "--no-progressbar"]
    sam(*command, "--no-confirm-changeset", "--capabilities", *capabilities, "--parameter-overrides", *values)


def package(target):
    """What `sam deploy` does before its last call: zips, uploads, writes the template."""
    target.parent.mkdir(parents=True, exist_ok=True)
    (WORK / "sam.log").unlink(missing_ok=True)
    sam("package", "--template-file", "template.yaml", "--s3-bucket", "artefacts", "--output-template-file", str(target), "--no-progressbar")
    objects = boto3.client("s3").list_objects_v2(Bucket="artefacts").get("Contents", [])
    for resource in plain(cfn_yaml.load(str(target)))["Resources"].values():
        for key in ("Location", "ContentUri"):
            uploaded = resource.get("Properties", {}).get(key)
            if uploaded and not str(uploaded).startswith(("s3://", "http://", "https://")):
                sys.exit(f"{uploaded} was not packaged")
    largest = max(objects, key=lambda o: o["Size"])
    print(f"packaged {len(objects)} artefacts, the largest {largest['Size'] / 1e6:.1f} MB: {target.relative_to(ROOT)}")


class Checks:
    """Uses each function once, and keeps count."""

    def __init__(self, port):
        self.port = port
        self.passed, self.failed = 0, []
        clock = {"region_name": REGION, "endpoint_url": f"http://127.0.0.1:{port}"}
        self.cloud = {name: boto3.client(name, **clock) for name in ("lambda", "sqs", "apigatewayv2")}

    def note(self, what, good, detail=""):
        print(f"  {'ok  ' if good else 'FAIL'} {what}{'  ' + str(detail) if detail else ''}", flush=True)
        if good:
            self.passed += 1
        else:
            self.failed.append(what)

    def http_function(self, function):
        name = f"commonweal-{ENVIRONMENT}-{function.name}"
        answer = self.cloud["lambda"].invoke(FunctionName=name, Qualifier="live", Payload=json.dumps(function.sample()))
        body = json.loads(answer["Payload"].read() or b"null")
        good = "FunctionError" not in answer and isinstance(body, dict) and 200 <= body.get("statusCode", 0) < 500
        self.note(f"{function.name}: its sample", good, body.get("statusCode") if good else body)

    def gateway(self, function, apis):
        """The same request over HTTP, through the service's API."""
        event = function.sample()
        request = event["requestContext"]["http"]
        api = apis[function.service]
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=40)
        path = event["rawPath"] + ("?" + event["rawQueryString"] if event.get("rawQueryString") else "")
        headers = {k: v for k, v in event["headers"].items() if k not in ("host", "content-length")}
        body = event.get("body")
        body = base64.b64decode(body) if event.get("isBase64Encoded") else body
        connection.request(request["method"], path, body, {**headers, "Host": f"{api}.execute-api.localhost:{self.port}"})
        response = connection.getresponse()
        text = response.read()
        routed = b'"message":"Not Found"' not in text.replace(b'": "', b'":"')  # the gateway's own 404
        self.note(f"{function.name}: {request['method']} {event['rawPath']} at the gateway", response.status < 500 and routed, response.status)

    def queue(self, function):
        sqs = self.cloud["sqs"]
        url = sqs.get_queue_url(QueueName=f"commonweal-{ENVIRONMENT}-{function.name}")["QueueUrl"]
        dead = sqs.get_queue_url(QueueName=f"commonweal-{ENVIRONMENT}-{function.name}-dead")["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody=function.sample()["Records"][0]["body"])
        waited = self.wait(60, lambda: not self.depth(url))  # a message goes only when its function says so
        end = "given up, as it names nobody" if self.depth(dead) else "done"
        self.note(f"{function.name}: a message consumed", waited is not None, f"{end}, {waited} s" if waited is not None else "still there")

    def schedule(self, function):
        waited = self.wait(100, lambda: self.fired(function))
        self.note(f"{function.name}: fired by its schedule", waited is not None, f"after {waited} s")

    def depth(self, url):
        # Not those delayed: what the samples queued for in a quarter of an hour waits rightly. Ours is sent without a delay.
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        return sum(map(int, self.cloud["sqs"].get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"].values()))

    def fired(self, function):
        """How often the emulator's log says that the schedule ran the function."""
        return (WORK / "ministack.log").read_text().count(f"EventBridge → Lambda commonweal-{ENVIRONMENT}-{function.name}: dispatched")

    def make_routes(self, all_functions, apis):
        """ministack's CloudFormation makes an API but does not read its OpenAPI body: the routes are made here."""
        gateway = self.cloud["apigatewayv2"]
        for function in all_functions:
            if not function.paths:
                continue
            name = f"commonweal-{ENVIRONMENT}-{function.name}"
            arn = self.cloud["lambda"].get_alias(FunctionName=name, Name="live")["AliasArn"]
            uri = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{arn}/invocations"
            api = apis[function.service]
            integration = gateway.create_integration(ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=uri, PayloadFormatVersion="2.0")
            for path in function.paths:
                gateway.create_route(ApiId=api, RouteKey=f"ANY {path}", Target=f"integrations/{integration['IntegrationId']}")

    @staticmethod
    def wait(seconds, true):
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            if true():
                return round(time.monotonic() - began, 1)
            time.sleep(0.5)
        return None


class VoterFile(http.server.BaseHTTPRequestHandler):
    """The provider outside, in the shape of its answers: it finds nobody."""

    def do_GET(self):
        body = b'{"result": true, "error": null, "result_set": []}'
        self.send_response(200 if self.headers.get("x-api-key") else 403)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class CourtSite(http.server.BaseHTTPRequestHandler):
    """The court's site: it knows nobody's password."""

    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length") or 0))
        body = b"<html><body>Invalid user ID or password.</body></html>"
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def start(provider):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def main():
    stand_ins = "--stand-ins" in sys.argv[1:]
    WORK.mkdir(parents=True, exist_ok=True)
    os.environ |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION, "SAM_CLI_TELEMETRY": "0"}
    os.environ.setdefault("COMMONWEAL_HOME", str(ROOT / ".local"))
    all_functions = functions()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))  # so that `finally` cleans up
    missing = [f for f in all_functions if not f.built()]
    if missing and not stand_ins:
        sys.exit(f"not built: {', '.join(f.name for f in missing)}. Run `scripts/test build` first, or give --stand-ins.")
    made = []
    process = None
    try:
        for function in missing:
            made.append(function.code)
            function.code.mkdir(parents=True, exist_ok=True)
            (function.code / "bootstrap").write_text(STAND_IN)
            (function.code / "bootstrap").chmod(0o755)
        port = free_port()
        process = start_emulator(port)
        os.environ["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{port}"
        boto3.client("s3").create_bucket(Bucket="artefacts")
        if "package" in sys.argv[1:]:
            package(pathlib.Path(sys.argv[-1]).resolve())
            return 0
        database_port, ca = start_database()
        for name in secret_names():
            value = "[]" if name in ("openid-providers", "token-issuers") else secrets.token_hex(32)
            boto3.client("ssm").put_parameter(Name=f"/commonweal/{ENVIRONMENT}/{name}", Value=value, Type="SecureString")
        # As an operator does once for the address that mail is sent from.
        boto3.client("sesv2").create_email_identity(EmailIdentity=MAIL_FROM)
        began = time.monotonic()
        deploy({
            "Environment": ENVIRONMENT, "Target": "emulator", "Release": "emulator", "PublicUrl": f"http://127.0.0.1:{port}",
            "EmulatorDatabasePort": database_port, "EmulatorDatabaseCa": ca, "LogLevel": "info",
            "MailFrom": MAIL_FROM, "VoterFileUrl": start(VoterFile), "OeciUrl": start(CourtSite),
        })
        print(f"deployed {len(all_functions)} functions in {time.monotonic() - began:.0f} s{f', {len(made)} of them STAND-INS' if made else ''}", flush=True)
        checks = Checks(port)
        outputs = boto3.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]["Outputs"]
        apis = {o["OutputKey"].removesuffix("Api").lower(): o["OutputValue"].split(".")[0] for o in outputs if o["OutputKey"].endswith("Api")}
        checks.make_routes(all_functions, apis)
        for function in all_functions:
            if function.paths:
                checks.http_function(function)
                checks.gateway(function, apis)
        for function in all_functions:
            if function.consumes:
                checks.queue(function)
            if function.every_minute:
                checks.schedule(function)
        print(f"emulator: {checks.passed} passed, {len(checks.failed)} failed")
        return 1 if checks.failed else 0
    finally:
        if process:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
        env = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
        subprocess.run([str(ROOT / "scripts" / "postgres"), "stop", "--emulator"], env=env, check=False)
        for folder in made:
            shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
