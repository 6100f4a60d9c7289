"""`--cluster`: what it may name, and one sentence where that is nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest

import ocarbon_magic as oc
from ocarbon_magic.cluster.holding import on_engines
from ocarbon_magic.cluster.members import ranges
from ocarbon_magic.completion import complete_cell
from ocarbon_magic.config import resolve
from ocarbon_magic.magics import parse
from ocarbon_magic.options import OptionError


def said(line):
    return resolve(parse(line), {}, {})[0]


def test_the_name_may_be_left_out_wherever_it_stands():
    assert said("--cluster").cluster is True
    assert said("--cluster --zone FRA").cluster is True
    assert said("--zone FRA --cluster").cluster is True
    assert said("--cluster rc --zone FRA").cluster == "rc"
    assert said("--zone FRA").cluster is None


def test_in_python_it_may_be_a_client_or_yes_or_no():
    client = object()
    assert resolve({"cluster": client}, {}, {})[0].cluster is client
    assert resolve({"cluster": True}, {}, {})[0].cluster is True
    assert resolve({"cluster": False}, {}, {})[0].cluster is None


def test_what_is_no_name_is_refused():
    with pytest.raises(OptionError, match="--cluster must be the name of a client"):
        said("--cluster 4")


def test_after_it_the_tab_key_offers_the_other_options():
    class Event:
        line, symbol = "%%carbon --cluster ", ""

    assert "--zone" in complete_cell(None, Event)


@pytest.mark.parametrize(
    ("devices", "there"),
    [
        ("visible", "visible"),
        ("GPU-1234,cpu", "GPU-1234,cpu"),
        ("trace:run.csv", "none"),
        ("prometheus:http://prom:9090?node=gpu-07,gpu-08", "none"),
        ("cpu,prometheus:http://prom:9090?node=*", "cpu"),
        ("none", "none"),
    ],
)
def test_engines_measure_what_is_of_their_own_hosts(devices, there):
    assert on_engines(devices) == there


def test_numbers_are_written_as_ranges():
    assert ranges([3, 0, 1, 2]) == "0-3"
    assert ranges([4]) == "4"
    assert ranges([0, 2, 3, 9]) == "0, 2-3, 9"
    assert ranges(list(range(0, 100, 2))) == "0, 2, 4, 6, 8, 10, ..."


def in_a_fresh_process(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    return done.stdout.strip()


MEASURE = """
import ocarbon_magic as oc
try:
    with oc.measure(cluster={cluster}, quiet=True, no_journal=True):
        print("ran")
except ValueError as refused:
    print(refused)
"""


def test_without_ipyparallel_one_sentence_says_how_to_get_it():
    block = "import importlib.util as u; find = u.find_spec\n"
    block += "u.find_spec = lambda name, *a: None if name == 'ipyparallel' else find(name, *a)\n"
    told = in_a_fresh_process(block + MEASURE.format(cluster=True))
    assert told == "--cluster needs ipyparallel: pip install 'ocarbon_magic[cluster]'."


def test_without_a_client_one_sentence_says_how_to_connect_one():
    told = in_a_fresh_process(MEASURE.format(cluster=True))
    assert told.startswith("--cluster finds no engines: connect a client first")
    told = in_a_fresh_process("import ipyparallel\n" + MEASURE.format(cluster=True))
    assert told.startswith("--cluster finds no engines: connect a client first")


def test_a_name_that_is_not_there_or_is_something_else_is_told():
    pytest.importorskip("ipyparallel")
    with (
        pytest.raises(OptionError, match="--cluster nobody: there is no variable"),
        oc.measure(cluster="nobody", quiet=True, no_journal=True),
    ):
        pass
    rc = 7
    with (
        pytest.raises(OptionError, match="--cluster rc must be an ipyparallel client"),
        oc.measure(cluster="rc", quiet=True, no_journal=True),
    ):
        raise AssertionError(rc)
    with (
        pytest.raises(OptionError, match="cluster must be an ipyparallel client"),
        oc.measure(cluster=object(), quiet=True, no_journal=True),
    ):
        pass


def test_a_cluster_that_is_not_started_is_told():
    ipyparallel = pytest.importorskip("ipyparallel")
    cluster = ipyparallel.Cluster(n=1)
    with (
        pytest.raises(OptionError, match="the cluster is not started"),
        oc.measure(cluster=cluster, quiet=True, no_journal=True),
    ):
        pass
