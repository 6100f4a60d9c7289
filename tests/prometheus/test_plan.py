"""What is measured of nodes, so that nothing is twice and nothing is another's."""

import pytest
from exporter_pages import A100, GPU_A, GPU_B, GPU_C

from ocarbon_magic.meters.prometheus.endpoint import endpoint_of
from ocarbon_magic.meters.prometheus.nodes import Nodes
from ocarbon_magic.meters.prometheus.plan import found_in, gathered, rows_of

DCGM = "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION"
WATTS = "DCGM_FI_DEV_POWER_USAGE"


def dcgm(node, index, uuid, *, name=DCGM, **more):
    labels = {"__name__": name, "Hostname": node, "gpu": str(index), "UUID": uuid}
    return labels | {"modelName": A100, "instance": f"{node}:9400"} | more


def kepler(node, zone, **more):
    labels = {"__name__": "kepler_node_cpu_joules_total", "node_name": node, "zone": zone}
    return labels | {"path": f"/sys/{zone}", "instance": "10.0.0.9:28282"} | more


def old_kepler(node, component, *, mode="dynamic", package="0", **more):
    name = f"kepler_node_{component}_joules_total"
    return {"__name__": name, "exported_instance": node, "mode": mode, "package": package} | more


def scaph(node, name, **more):
    return {"__name__": f"scaph_{name}_microjoules", "instance": f"{node}:8080"} | more


def planned(series, said="node=*", estimated=()):
    """Return (host, kind, name, method, how many counters) of each device."""
    nodes = Nodes(endpoint_of(f"http://prom:9090?{said}"))
    found = nodes.taken(found_in(series, nodes))
    rows = rows_of(found, set(estimated))
    return [
        (r.device.host, r.device.kind, r.device.name, r.device.method, len(r.keys)) for r in rows
    ]


def test_gpus_are_taken_by_their_counters_and_where_they_have_none_by_their_power():
    series = [
        dcgm("n1", 0, GPU_A),
        dcgm("n1", 0, GPU_A, name=WATTS),
        dcgm("n1", 1, GPU_B, name=WATTS),
    ]
    assert planned(series) == [
        ("n1", "gpu", A100, "dcgm-energy-counter", 1),
        ("n1", "gpu", A100, "dcgm-power", 1),
    ]


def test_instances_of_a_gpu_and_a_second_job_are_the_same_gpu():
    series = [dcgm("n1", 0, GPU_A, GPU_I_ID=i, job=job) for i in "356" for job in ("a", "b")]
    assert planned(series) == [("n1", "gpu", A100, "dcgm-energy-counter", 1)]


def test_a_gpu_that_two_exporters_name_by_two_nodes_is_there_once():
    series = [dcgm("n1", 0, GPU_A), dcgm("dcgm-exporter-x7k2p", 0, GPU_A)]
    assert [row[0] for row in planned(series)] == ["n1"]


def test_processors_and_memory_are_taken_and_no_part_of_them_again():
    zones = ("package", "dram", "core", "uncore")
    assert planned([kepler("n1", zone) for zone in zones]) == [
        ("n1", "cpu", "Processor", "kepler", 1),
        ("n1", "dram", "DRAM", "kepler", 1),
    ]


def test_the_same_package_by_two_paths_is_there_once():
    series = [kepler("n1", "package"), kepler("n1", "package", path="/sys/intel-rapl-mmio:0")]
    assert planned(series) == [("n1", "cpu", "Processor", "kepler", 1)]


def test_idle_and_dynamic_of_each_package_are_added():
    series = [
        old_kepler("n1", component, mode=mode, package=package)
        for component in ("package", "core", "uncore", "dram", "other")
        for mode in ("idle", "dynamic")
        for package in "01"
    ]
    assert planned(series) == [
        ("n1", "cpu", "Processor", "kepler", 4),
        ("n1", "dram", "DRAM", "kepler", 4),
    ]
    nodes = Nodes(endpoint_of("http://prom:9090?node=*"))
    assert rows_of(found_in(series, nodes), set())[0].device.count == 2


def test_what_psys_sees_stands_for_processor_and_memory_and_gpus_are_added():
    series = [kepler("n1", zone) for zone in ("package", "dram", "psys")]
    assert planned([*series, dcgm("n1", 0, GPU_A)]) == [
        ("n1", "gpu", A100, "dcgm-energy-counter", 1),
        ("n1", "cpu", "Platform (RAPL psys)", "kepler", 1),
    ]


def test_a_whole_server_has_its_gpus_in_it_and_is_taken_only_where_none_is_measured():
    server = [old_kepler("n1", name) for name in ("platform", "package", "dram")]
    assert planned(server) == [("n1", "cpu", "Whole server", "kepler", 1)]
    assert planned([*server, dcgm("n1", 0, GPU_A)]) == [
        ("n1", "gpu", A100, "dcgm-energy-counter", 1),
        ("n1", "cpu", "Processor", "kepler", 1),
        ("n1", "dram", "DRAM", "kepler", 1),
    ]


def test_gpus_that_dcgm_knows_are_not_taken_from_kepler_again():
    mine = {"__name__": "kepler_node_gpu_joules_total", "node_name": "n1"}
    series = [
        dcgm("n1", 0, GPU_A),
        mine | {"gpu": "0", "gpu_uuid": GPU_A},
        mine | {"gpu": "1", "gpu_uuid": GPU_B},
    ]
    assert planned(series) == [
        ("n1", "gpu", A100, "dcgm-energy-counter", 1),
        ("n1", "gpu", "GPU 1", "kepler", 1),
    ]
    older = {"__name__": "kepler_node_gpu_joules_total", "exported_instance": "n1"}
    assert len(planned([dcgm("n1", 0, GPU_A), older | {"mode": "idle"}])) == 1


def test_scaphandre_is_taken_by_socket_and_memory_or_else_whole():
    host = scaph("n1", "host_energy")
    parts = [
        scaph("n1", "socket_energy", socket_id="0"),
        scaph("n1", "socket_energy", socket_id="1"),
        scaph("n1", "domain_energy", socket_id="0", domain_id="0", domain_name="dram"),
        scaph("n1", "domain_energy", socket_id="0", domain_id="1", domain_name="core"),
    ]
    assert planned([host, *parts]) == [
        ("n1", "cpu", "Processor", "scaphandre", 2),
        ("n1", "dram", "DRAM", "scaphandre", 1),
    ]
    assert planned([host]) == [("n1", "cpu", "Processor and DRAM", "scaphandre", 1)]
    psys = scaph("n1", "host_rapl_psys")
    assert planned([host, *parts, psys]) == [("n1", "cpu", "Platform (RAPL psys)", "scaphandre", 1)]


def test_of_kepler_and_scaphandre_on_one_node_one_is_taken():
    series = [kepler("n1", "package"), scaph("n1", "socket_energy", socket_id="0")]
    assert planned(series) == [("n1", "cpu", "Processor", "kepler", 1)]


def test_an_estimate_is_called_one():
    nodes = Nodes(endpoint_of("http://prom:9090?node=*"))
    rows = rows_of(found_in([old_kepler("vm", "package"), dcgm("vm", 0, GPU_A)], nodes), {"vm"})
    assert [row.device.measured for row in rows] == [True, False]


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ({"Hostname": "gpu-07"}, "node=gpu-07"),
        ({"Hostname": "gpu-07.example.org"}, "node=gpu-07"),
        ({"Hostname": "dcgm-exporter-x7k2p", "node": "gpu-07"}, "node=gpu-07"),
        ({"instance": "gpu-07:9400"}, "node=gpu-07"),
        ({"instance": "gpu-07:9400"}, "node=gpu-07:9400"),
        ({"exported_instance": "gpu-07", "instance": "federator:9090"}, "node=gpu-07"),
        ({"rack": "gpu-07", "Hostname": "other"}, "node=gpu-07&label=rack"),
        ({"exported_Hostname": "gpu-07", "Hostname": "other"}, "node=gpu-07&label=Hostname"),
    ],
)
def test_a_node_goes_by_any_of_the_labels_that_name_one(labels, said):
    series = {"__name__": DCGM, "UUID": GPU_A, "gpu": "0"} | labels
    assert [row[0] for row in planned([series], said)] == [said.split("=")[1].split("&")[0]]


def test_an_address_is_no_name_with_a_domain():
    series = {"__name__": DCGM, "UUID": GPU_A, "instance": "10.0.0.7:9400"}
    assert planned([series], "node=10") == []
    assert planned([series], "node=10.0.0.7")[0][0] == "10.0.0.7"


def test_gpus_may_be_picked_by_index_or_by_the_begin_of_a_uuid():
    series = [dcgm("n1", i, uuid) for i, uuid in enumerate((GPU_A, GPU_B, GPU_C))]
    nodes = Nodes(endpoint_of("http://prom:9090?node=n1&gpu=2&uuid=gpu-1F027"))
    assert [one.labels["UUID"] for one in nodes.taken(found_in(series, nodes))] == [GPU_A, GPU_C]
    nodes = Nodes(endpoint_of("http://prom:9090?node=n1&gpu=2,9"))
    with pytest.raises(ValueError, match=r"there is no GPU 9 on these nodes; there is 0, 1, 2\."):
        nodes.taken(found_in(series, nodes))


def test_names_of_nodes_cannot_become_a_part_of_the_question():
    name = 'a"}) or vector(1) #.*'
    series = dcgm(name, 0, GPU_A, instance="x:1")
    nodes = Nodes(endpoint_of("http://prom:9090?node=a%22})%20or%20vector(1)%20%23.*"))
    found = found_in([series], nodes)
    (selector,) = nodes.selectors(rows_of(found, set()), found)
    assert selector == (
        f'{DCGM}{{Hostname=~"a\\"\\\\}}\\\\)\\\\ or\\\\ vector\\\\(1\\\\)\\\\ \\\\#\\\\.\\\\*"}}'
    )


def test_each_metric_is_asked_for_once_for_all_nodes():
    series = [dcgm(f"n{n}", g, f"GPU-{n}-{g}") for n in range(3) for g in range(8)]
    nodes = Nodes(endpoint_of("http://prom:9090?node=n0,n2"))
    found = found_in(series, nodes)
    assert nodes.selectors(rows_of(found, set()), found) == [f'{DCGM}{{Hostname=~"n0|n2"}}']


def test_many_devices_are_measured_together():
    def named(nodes, gpus):
        series = [dcgm(f"n{n}", g, f"GPU-{n}-{g}") for n in range(nodes) for g in range(gpus)]
        every = Nodes(endpoint_of("http://prom:9090?node=*"))
        return gathered(rows_of(found_in(series, every), set()))

    assert len(named(8, 8)) == 64
    by_node = named(20, 8)
    assert [(r.device.host, r.device.count, len(r.keys)) for r in by_node[:2]] == [
        ("n0", 8, 8),
        ("n1", 8, 8),
    ]
    assert len(named(1000, 8)) == 1000
