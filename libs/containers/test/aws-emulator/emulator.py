"""moto 5.2.1 with what an ECS rollout through CloudFormation needs and stock moto lacks. For tests only.

Stock moto keeps the old task definition on an update, starts no tasks, registers no targets, cannot roll back, and
does not know some resource types. What passes here proves the pipeline's own code, never AWS.

Usage: python emulator.py PORT
"""

import sys
import threading
from urllib.parse import urlparse

import moto.backends
from moto.cloudformation import models as stacks
from moto.cloudformation import parsing
from moto.cloudformation import responses as answers
from moto.cloudformation.exceptions import CloudFormationError, ValidationError
from moto.core.common_models import CloudFormationModel
from moto.core.utils import pascal_to_camelcase, remap_nested_keys, utcnow
from moto.ec2.models import ec2_backends
from moto.ec2.models.route_tables import RouteTable
from moto.ec2.models.security_groups import SecurityGroupIngress
from moto.ecs import models as ecs
from moto.elbv2 import models as elb
from moto.moto_api import state_manager
from moto.moto_api._internal import mock_random
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple


def camel(value):
    return remap_nested_keys(value, pascal_to_camelcase)


# 1. Resource types that moto's CloudFormation does not have: kept, so that references resolve; nothing is enforced.
def stand_in(kind):
    class StandIn(CloudFormationModel):
        __module__ = "moto.emulated"

        def __init__(self, name, properties):
            self.name, self.properties = name, properties

        @property
        def physical_resource_id(self):
            return self.name

        @staticmethod
        def cloudformation_name_type():
            return ""

        @staticmethod
        def cloudformation_type():
            return kind

        @classmethod
        def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **_):
            return cls(resource_name, cloudformation_json["Properties"])

        @classmethod
        def update_from_cloudformation_json(cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name):
            original_resource.properties = cloudformation_json["Properties"]
            return original_resource

        @classmethod
        def delete_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name):
            pass

        @classmethod
        def has_cfn_attr(cls, attribute):
            return True

        def get_cfn_attribute(self, attribute):
            if "Arn" in attribute:
                return f"arn:aws:emulated:us-east-1:123456789012:{self.name}/{attribute}"
            return f"{self.name}-{attribute}".lower()

    StandIn.__name__ = kind.replace("::", "")
    globals()[StandIn.__name__] = StandIn


for kind in [
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::CloudFront::Distribution",
    "AWS::CloudFront::VpcOrigin",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::EC2::SecurityGroupEgress",
    "AWS::WAFv2::WebACL",
    "AWS::WAFv2::WebACLAssociation",
]:
    stand_in(kind)
for cached in (parsing.get_model_list, parsing.get_model_map, parsing.get_name_type_map):
    cached.cache_clear()


# 2. Task definitions keep every field, on create and on update.
def create_task_definition(cls, resource_name, cloudformation_json, account_id, region_name, **_):
    given = cloudformation_json["Properties"]
    containers = camel(given.get("ContainerDefinitions", []))
    for source, container in zip(given.get("ContainerDefinitions", []), containers):
        if source.get("LogConfiguration"):
            container["logConfiguration"]["options"] = source["LogConfiguration"].get("Options", {})
    return ecs.ecs_backends[account_id][region_name].register_task_definition(
        family=given.get("Family", resource_name),
        container_definitions=containers,
        volumes=camel(given.get("Volumes", [])),
        network_mode=given.get("NetworkMode"),
        requires_compatibilities=given.get("RequiresCompatibilities"),
        cpu=given.get("Cpu"),
        memory=given.get("Memory"),
        task_role_arn=given.get("TaskRoleArn"),
        execution_role_arn=given.get("ExecutionRoleArn"),
    )


def update_task_definition(cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name):
    created = create_task_definition(cls, new_resource_name, cloudformation_json, account_id, region_name)
    original_resource.status = "INACTIVE"
    return created


ecs.TaskDefinition.create_from_cloudformation_json = classmethod(create_task_definition)
ecs.TaskDefinition.update_from_cloudformation_json = classmethod(update_task_definition)


# 3. Services roll out: an image that is in ECR gives tasks that log and are counted, targets, and a rollout COMPLETED;
# any other fails the update.
def image_exists(backend, definition):
    repository, _, digest = definition.container_definitions[0]["image"].partition("/")[2].partition("@")
    repositories = moto.backends.get_backend("ecr")[backend.account_id][backend.region_name].repositories
    return repository in repositories and any(
        image.get_image_digest() == digest for image in repositories[repository].images
    )


def roll_out(backend, service, definition, given):
    image = definition.container_definitions[0]["image"]
    if not image_exists(backend, definition):
        raise ValidationError(
            "Service",
            "Resource handler returned message: \"Error occurred during operation 'ECS Deployment Circuit Breaker was "
            f"triggered'.\" (CannotPullContainerError: {image})",
        )
    cluster, count = backend._get_cluster(service.cluster_name), service.desired_count
    tasks = backend.tasks.setdefault(cluster.name, {})
    for arn in [arn for arn, task in tasks.items() if task.group == f"service:{service.name}"]:
        del tasks[arn]
    rollout = {
        "id": f"ecs-svc/{mock_random.randint(0, 32**12)}",
        "status": "PRIMARY",
        "taskDefinition": definition.arn,
        "desiredCount": count,
        "runningCount": count,
        "pendingCount": 0,
        "failedTasks": 0,
        "launchType": "FARGATE",
        "rolloutState": "COMPLETED",
        "rolloutStateReason": "ECS deployment completed.",
        "createdAt": utcnow(),
        "updatedAt": utcnow(),
    }
    service.deployments, service.task_definition = [rollout], definition.arn
    service.running_count, service.pending_count, service.launch_type = count, 0, "FARGATE"
    service.load_balancers = camel(given.get("LoadBalancers", []))
    service.tags = [{"key": tag["Key"], "value": tag["Value"]} for tag in given.get("Tags", [])]
    groups = elb.elbv2_backends[backend.account_id][backend.region_name].target_groups
    for balancer in given.get("LoadBalancers", []):
        group = groups[balancer["TargetGroupArn"]]
        group.targets.clear()
        for index in range(count):
            address = f"10.0.{index}.{10 + definition.revision}"
            group.targets[address] = {"Id": address, "Port": int(group.port)}
    for _ in range(count):
        # No network interface a task, so that the VPC can be deleted again.
        mode, definition.network_mode = definition.network_mode, "bridge"
        task = ecs.Task(
            cluster, definition, None, {}, backend, f"service:{service.name}", "FARGATE", None, rollout["id"]
        )
        definition.network_mode = mode
        task.containers[0].last_status = "RUNNING"
        task.health_status = "HEALTHY"
        tasks[task.task_arn] = task
        log(backend, definition, task)
    count_in_metrics(backend, cluster, service)


def log(backend, definition, task):
    options = definition.container_definitions[0]["logConfiguration"]["options"]
    group, stream = options["awslogs-group"], f"{options['awslogs-stream-prefix']}/server/{task.id}"
    logs = moto.backends.get_backend("logs")[backend.account_id][backend.region_name]
    logs.create_log_stream(group, stream)
    logs.put_log_events(group, stream, [{"timestamp": int(utcnow().timestamp() * 1000), "message": "listening"}])


def count_in_metrics(backend, cluster, service):
    dimensions = [{"Name": "ClusterName", "Value": cluster.name}, {"Name": "ServiceName", "Value": service.name}]
    metrics = [
        {"MetricName": name, "Dimensions": dimensions, "Value": 1, "Timestamp": utcnow()}
        for name in ("CPUUtilization", "MemoryUtilization")
    ]
    moto.backends.get_backend("cloudwatch")[backend.account_id][backend.region_name].put_metric_data("AWS/ECS", metrics)


def create_service(cls, resource_name, cloudformation_json, account_id, region_name, **_):
    given, backend = cloudformation_json["Properties"], ecs.ecs_backends[account_id][region_name]
    definition = backend.describe_task_definition(given["TaskDefinition"])
    if not image_exists(backend, definition):
        roll_out(backend, None, definition, given)
    service = backend.create_service(
        given["Cluster"],
        given.get("ServiceName", resource_name),
        int(given.get("DesiredCount", 1)),
        task_definition_str=definition.arn,
        launch_type="FARGATE",
    )
    roll_out(backend, service, definition, given)
    return service


def update_service(cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name):
    given, backend = cloudformation_json["Properties"], ecs.ecs_backends[account_id][region_name]
    original_resource.desired_count = int(given.get("DesiredCount", original_resource.desired_count))
    roll_out(backend, original_resource, backend.describe_task_definition(given["TaskDefinition"]), given)
    return original_resource


def delete_service(cls, resource_name, cloudformation_json, account_id, region_name):
    backend, name = ecs.ecs_backends[account_id][region_name], resource_name.split("/")[-1]
    for tasks in backend.tasks.values():
        for arn in [arn for arn, task in tasks.items() if task.group == f"service:{name}"]:
            del tasks[arn]
    for key in [key for key in backend.services if key.endswith(f":{name}")]:
        del backend.services[key]


ecs.Service.create_from_cloudformation_json = classmethod(create_service)
ecs.Service.update_from_cloudformation_json = classmethod(update_service)
ecs.Service.delete_from_cloudformation_json = classmethod(delete_service)


def delete_cluster(cls, resource_name, cloudformation_json, account_id, region_name):
    ecs.ecs_backends[account_id][region_name].delete_cluster(resource_name)


ecs.Cluster.delete_from_cloudformation_json = classmethod(delete_cluster)
# Tasks stay running however often they are looked at.
state_manager.set_transition("ecs::task", {"progression": "manual", "times": 1_000_000})

group_attributes = {
    "TargetGroupFullName": lambda group: group.arn.split(":")[-1],
    "TargetGroupName": lambda group: group.name,
    "TargetGroupArn": lambda group: group.arn,
    "LoadBalancerArns": lambda group: list(group.load_balancer_arns),
}
elb.FakeTargetGroup.has_cfn_attr = classmethod(lambda cls, name: name in group_attributes)
elb.FakeTargetGroup.get_cfn_attribute = lambda group, name: group_attributes[name](group)


def delete_route_table(cls, resource_name, cloudformation_json, account_id, region_name):
    ec2_backends[account_id][region_name].delete_route_table(resource_name)


RouteTable.delete_from_cloudformation_json = classmethod(delete_route_table)

stock_ingress = SecurityGroupIngress.create_from_cloudformation_json.__func__


def create_ingress(cls, resource_name, cloudformation_json, account_id, region_name, **more):
    given = dict(cloudformation_json["Properties"])
    if given.pop("SourcePrefixListId", None):
        given["CidrIp"] = "0.0.0.0/0"
    known = {**cloudformation_json, "Properties": given}
    return stock_ingress(cls, resource_name, known, account_id, region_name, **more)


SecurityGroupIngress.create_from_cloudformation_json = classmethod(create_ingress)

# 4. A new task definition also updates the service that refers to it, after it was made.
stock_difference = parsing.ResourceMap.build_resource_diff


def difference(resources, template, parameters=None):
    changes = stock_difference(resources, template, parameters)
    kinds = {name: resource["Type"] for name, resource in template["Resources"].items()}
    definitions = [name for name in changes["Modify"] if kinds[name] == "AWS::ECS::TaskDefinition"]
    services = [name for name, kind in kinds.items() if kind == "AWS::ECS::Service" and name not in changes["Add"]]
    if definitions:
        others = [name for name in changes["Modify"] if name not in definitions and name not in services]
        changes["Modify"] = definitions + services + others
    return changes


parsing.ResourceMap.build_resource_diff = difference

# 5. A stack that fails goes back to where it was, and says so in its events; outputs follow every change.
stock_create, stock_update = stacks.Stack.create_resources, stacks.Stack.update


def with_defaults(stack):
    given = {name: value.get("Default") for name, value in stack.template_dict.get("Parameters", {}).items()}
    stack.parameters = {**{name: value for name, value in given.items() if value}, **stack.parameters}


def create_resources(stack):
    with_defaults(stack)
    try:
        stock_create(stack)
    except Exception as error:
        stack._add_stack_event("ROLLBACK_IN_PROGRESS", resource_status_reason=str(error))
        try:
            stack.resource_map.delete()
        except Exception:
            pass
        stack._add_stack_event("ROLLBACK_COMPLETE")
        stack.status = "ROLLBACK_COMPLETE"
        stack.resource_map._resource_json_map.clear()
        stack.output_map = type("Outputs", (dict,), {"exports": []})()


def update(stack, template, role_arn=None, parameters=None, tags=None):
    before, given = stack.template, dict(stack.parameters)
    try:
        stock_update(stack, template, role_arn, parameters, tags)
        with_defaults(stack)
    except Exception as error:
        stack._add_stack_event("UPDATE_ROLLBACK_IN_PROGRESS", resource_status_reason=str(error))
        stock_update(stack, before, role_arn, given, tags)
        stack._add_stack_event("UPDATE_ROLLBACK_COMPLETE")
        stack.status = "UPDATE_ROLLBACK_COMPLETE"


stacks.Stack.create_resources, stacks.Stack.update = create_resources, update


# 6. Executing a change set is creating or updating the stack, with outputs and a way back; then it is gone.
class ChangeSetNotFound(CloudFormationError):
    code = "ChangeSetNotFound"


def describe_change_set(backend, change_set_name):
    for change_set in backend.change_sets.values():
        if change_set_name in (change_set.change_set_id, change_set.change_set_name):
            return change_set
    raise ChangeSetNotFound(f"ChangeSet [{change_set_name}] does not exist")


def delete_change_set(backend, change_set_name):
    for key, change_set in list(backend.change_sets.items()):
        if change_set_name in (change_set.change_set_id, change_set.change_set_name):
            del backend.change_sets[key]


def execute_change_set(backend, change_set_name, stack_name=None):
    change_set = describe_change_set(backend, change_set_name)
    delete_change_set(backend, change_set_name)
    stack = backend.stacks[change_set.stack_id]
    if change_set.change_set_type == "UPDATE":
        stack.update(change_set.template, change_set.role_arn, change_set.parameters, change_set.tags)
        return
    events = stack.events
    stack.__init__(
        stack.stack_id,
        stack.name,
        change_set.template,
        change_set.parameters,
        backend.account_id,
        backend.region_name,
        tags=change_set.tags,
        role_arn=change_set.role_arn,
    )
    stack.events = events
    stack._add_stack_event("CREATE_IN_PROGRESS", resource_status_reason="User Initiated")
    stack.create_resources()


stacks.CloudFormationBackend.describe_change_set = describe_change_set
stacks.CloudFormationBackend.delete_change_set = delete_change_set
stacks.CloudFormationBackend.execute_change_set = execute_change_set


def template_at(url, account_id, partition):
    bucket, _, key = urlparse(url).path[1:].partition("/")
    return moto.backends.get_backend("s3")[account_id][partition].get_object(bucket, key).value.decode()


answers.get_stack_from_s3_url = template_at


# 7. What `cdk bootstrap` leaves in an account, as far as a deployment looks at it.
def bootstrap(account="123456789012", region="us-east-1"):
    moto.backends.get_backend("s3")[account]["aws"].create_bucket(f"cdk-hnb659fds-assets-{account}-{region}", region)
    moto.backends.get_backend("ssm")[account][region].put_parameter(
        "/cdk-bootstrap/hnb659fds/version", "", "30", "String", "", "", False, [], "text", None, None
    )


# 8. One request after the other: moto makes a stack's resources as they are looked at, so whoever asks about a stack
# while another thread creates it has a resource made twice ("The specified rule already exists").
class OneAtATime(DomainDispatcherApplication):
    def __init__(self):
        super().__init__(create_backend_app)
        self.turn = threading.Lock()

    def __call__(self, environ, start_response):
        with self.turn:
            return [b"".join(super().__call__(environ, start_response))]


if __name__ == "__main__":
    bootstrap()
    run_simple("127.0.0.1", int(sys.argv[1]), OneAtATime(), threaded=True)
