"""What `--devices prometheus:...` says, and how a mistake in it is told."""

import pytest

from ocarbon_magic.meters.prometheus.endpoint import endpoint_of


def test_an_endpoint_is_taken_apart():
    endpoint = endpoint_of(
        "https://mimir.example.org/prometheus/?node=gpu-07,gpu-08&gpu=0,1"
        "&uuid=GPU-8932f9&label=Hostname&tenant=team-a"
    )
    assert endpoint.url == "https://mimir.example.org/prometheus"
    assert endpoint.name == "mimir.example.org"
    assert endpoint.nodes == ("gpu-07", "gpu-08")
    assert (endpoint.gpus, endpoint.uuids) == (("0", "1"), ("GPU-8932f9",))
    assert (endpoint.label, endpoint.tenant) == ("Hostname", "team-a")


@pytest.mark.parametrize(
    "url",
    ["http://prom:9090", "http://prom:9090/", "http://prom:9090/api/v1/query"],
)
def test_the_address_of_the_api_may_be_given_too(url):
    assert endpoint_of(url).url == "http://prom:9090"


def test_a_node_may_be_named_again_and_nodes_be_named_one_by_one():
    assert endpoint_of("http://prom:9090?node=a&node=b,a").nodes == ("a", "b")
    assert endpoint_of("http://prom:9090?node=rack%23*").nodes == ("rack#*",)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "prometheus:http://HOST:9090"),
        ("prom:9090?node=a", "write it as prometheus:http://HOST:9090"),
        ("ftp://prom", "this is no address"),
        ("http://prom:9090,cpu", "this is no address"),
        ("http://[::1", "this is no address"),
        ("http://prom:9090?nod=a", "unknown part nod: did you mean node?"),
        ("http://prom:9090?node=", "node= needs a value"),
        ("http://prom:9090?node=a,,b", "node= needs a value"),
        ("http://prom:9090?node=*,a", "node=* is all nodes"),
        ("http://prom:9090?node=a,cpu", "goes before it: cpu,prometheus:..."),
        ("http://prom:9090?gpu=first", "indices of GPUs"),
        ("http://prom:9090?uuid=MIG-1", "UUIDs of whole GPUs"),
        ("http://prom:9090?label=a-b", "the name of one label"),
        ("http://prom:9090?label=a,b", "the name of one label"),
        ("http://prom:9090?tenant=a%0d%0aX: b", "a name in plain letters"),
        ("http://prom:9090?node=a#b", "%23"),
    ],
)
def test_a_mistake_is_told_in_one_sentence(text, why):
    with pytest.raises(ValueError, match="--devices prometheus: ") as refused:
        endpoint_of(text)
    message = str(refused.value)
    assert why in message
    assert message.endswith((".", "?", "..."))
    assert "\n" not in message


@pytest.mark.parametrize(
    "text",
    [
        "http://user:s3cret@prom:9090?node=a",
        "https://s3cret@prom?node=a",
        "https://prom?token=s3cret",
        "http://prom:s3cret/?node=a",
    ],
)
def test_what_may_be_a_secret_is_refused_and_not_repeated(text):
    with pytest.raises(ValueError, match="--devices prometheus: ") as refused:
        endpoint_of(text)
    assert "s3cret" not in str(refused.value)


TOKEN = {"OCARBON_PROMETHEUS_TOKEN": " s3cret "}


@pytest.mark.parametrize("url", ["https://prom", "http://127.0.0.1:9090", "http://localhost:9090"])
def test_a_token_is_sent_where_nobody_can_read_it(url):
    endpoint = endpoint_of(url)
    assert endpoint.headers(TOKEN) == {"Authorization": "Bearer s3cret"}
    assert not endpoint.keeps_back(TOKEN)


def test_a_token_is_not_sent_over_plain_http_to_another_machine():
    endpoint = endpoint_of("http://prom:9090?tenant=team-a")
    assert endpoint.headers(TOKEN) == {"X-Scope-OrgID": "team-a"}
    assert endpoint.keeps_back(TOKEN)
