"""What no linter says about the templates: size after the transform, `*` in policies, house rules of queues.

Run by `scripts/test templates` in the project's venv.
"""

import json
import logging
import pathlib
import sys

from cfnlint.decode import cfn_yaml
from samtranslator.translator.transform import transform

ROOT = pathlib.Path(__file__).resolve().parent.parent
MOST_RESOURCES = 450  # CloudFormation takes 500 a stack

# The only policies that may speak of every resource: (template's resource, statement), each with its reason.
EVERY_RESOURCE = {
    ("Boundary", "NetworkInterfaces"): "EC2 knows no narrower resource for a function's network interfaces; a boundary grants nothing",
}
# AWS's own policies that SAM attaches. They speak of `*`; the boundary of the role narrows them.
MANAGED = {
    "AWSLambdaBasicExecutionRole": "logs",
    "AWSLambdaVPCAccessExecutionRole": "network interfaces",
    "AWSLambdaSQSQueueExecutionRole": "the function's own queue",
    "AWSCodeDeployRoleForLambdaLimited": "moving an alias (not a function's role)",
}


class NoManagedPolicies:
    """The translator's way to look up managed policies by name; ours are all written as ARNs."""

    def load(self):
        return {name: f"arn:aws:iam::aws:policy/service-role/{name}" for name in MANAGED}


def plain(node):
    """The parsed template as plain dicts and lists, without the linter's line marks."""
    return json.loads(json.dumps(node))


def expanded(template, parameters):
    """The template after the SAM transform, as CloudFormation would do it with these parameters."""
    logging.disable(logging.WARNING)  # the translator speaks of its own metrics
    known = {name: value for name, value in parameters.items() if name in template.get("Parameters", {})}
    return transform(plain(template), known, NoManagedPolicies())


def listed(value):
    return value if isinstance(value, list) else [value]


def statements(resource):
    properties = resource.get("Properties", {})
    for document in [properties.get("PolicyDocument")] + [p.get("PolicyDocument") for p in properties.get("Policies", [])]:
        if document:
            yield from listed(document["Statement"])


def outside_boundary(made):
    """Actions that a function's role or a policy of the service grants, and the service's boundary takes away again."""
    if "Boundary" not in made:
        return
    allowed = {action for statement in statements(made["Boundary"]) for action in listed(statement["Action"])}
    for name, resource in made.items():
        bounded = "PermissionsBoundary" in resource["Properties"] or resource["Type"] == "AWS::IAM::ManagedPolicy"
        if resource["Type"] in ("AWS::IAM::Role", "AWS::IAM::ManagedPolicy") and bounded:
            for statement in statements(resource):
                # What trusts the role (sts:AssumeRole) is no policy of it, and is not among these.
                for action in set(listed(statement["Action"])) - allowed:
                    yield f"{name} is granted {action}, which the boundary does not allow"


def check(path):
    template = plain(cfn_yaml.load(str(path)))
    source = template["Resources"]
    for resource in source.values():  # the translator wants to see uploaded code
        for key in ("CodeUri", "ContentUri", "Location"):
            if key in resource.get("Properties", {}):
                resource["Properties"][key] = "s3://bucket/key"
    values = {"HttpDeployment": "Canary10Percent5Minutes", "GradualDeployment": "true", "Target": "aws", "Environment": "prod"}
    made = expanded(template, values)["Resources"]
    problems = []
    if len(made) >= MOST_RESOURCES:
        problems.append(f"{len(made)} resources after the transform; a stack may have {MOST_RESOURCES}: split the service")

    for name, resource in made.items():
        kind = resource["Type"]
        if kind in ("AWS::IAM::Role", "AWS::IAM::ManagedPolicy", "AWS::IAM::Policy"):
            for statement in statements(resource):
                if statement["Effect"] != "Allow":
                    continue
                if any(action == "*" or action.endswith(":*") for action in listed(statement["Action"])):
                    problems.append(f"{name} allows every action: {statement['Action']}")
                if "*" in listed(statement.get("Resource")) and (name, statement.get("Sid")) not in EVERY_RESOURCE:
                    problems.append(f"{name} allows {statement['Action']} on every resource")
            for arn in listed(resource["Properties"].get("ManagedPolicyArns", [])):
                text = json.dumps(arn)
                if "policy/" in text and text.rstrip('"}').rsplit("/", 1)[-1] not in MANAGED:
                    problems.append(f"{name} has the managed policy {text}, which is not on the list")
            if "lambda.amazonaws.com" in json.dumps(resource) and "PermissionsBoundary" not in resource["Properties"]:
                problems.append(f"{name} is a function's role without the boundary")
        if kind == "AWS::Lambda::Function":
            if resource["Properties"].get("LoggingConfig", {}).get("LogFormat") != "JSON":
                problems.append(f"{name} does not log JSON")
        if kind == "AWS::Lambda::EventSourceMapping":
            function = next(made[n] for n in made if made[n]["Type"] == "AWS::Lambda::Function" and name.startswith(n + "Messages"))
            queue = made[resource["Properties"]["EventSourceArn"]["Fn::GetAtt"][0]]["Properties"]
            redrive = queue.get("RedrivePolicy", {})
            dead = made.get(redrive.get("deadLetterTargetArn", {}).get("Fn::GetAtt", [""])[0], {}).get("Properties", {})
            properties = resource["Properties"]
            rules = {
                "BatchSize 10, or 1 where a person waits for each": properties.get("BatchSize") in (1, 10),
                "ReportBatchItemFailures": properties.get("FunctionResponseTypes") == ["ReportBatchItemFailures"],
                "MaximumConcurrency": "MaximumConcurrency" in properties.get("ScalingConfig", {}),
                "visibility of six time-outs": queue.get("VisibilityTimeout", 0) >= 6 * function["Properties"]["Timeout"],
                "maxReceiveCount 5": redrive.get("maxReceiveCount") == 5,
                "14 days in the dead-letter queue": dead.get("MessageRetentionPeriod") == 1209600,
                "encryption at rest": bool(queue.get("SqsManagedSseEnabled") and dead.get("SqsManagedSseEnabled")),
            }
            problems += [f"{name}: missing {rule}" for rule, kept in rules.items() if not kept]
    read = {m["Properties"]["EventSourceArn"]["Fn::GetAtt"][0] for m in made.values() if m["Type"] == "AWS::Lambda::EventSourceMapping"}
    dead = {
        resource["Properties"]["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
        for resource in made.values()
        if resource["Type"] == "AWS::SQS::Queue" and "RedrivePolicy" in resource["Properties"]
    }
    queues = {name for name, resource in made.items() if resource["Type"] == "AWS::SQS::Queue"}
    problems += [f"{name} is a queue that nothing reads, and no dead-letter queue" for name in sorted(queues - read - dead)]
    problems += outside_boundary({name: {"Properties": {}, **resource} for name, resource in made.items()})
    print(f"{path.relative_to(ROOT)}: {len(made)} resources after the transform, of {len(source)} written")
    return [f"{path.relative_to(ROOT)}: {problem}" for problem in problems]


def main():
    problems = []
    for path in [ROOT / "template.yaml", *sorted(ROOT.glob("functions/*/template.yaml"))]:
        problems += check(path)
    print("\n".join(problems), file=sys.stderr)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
