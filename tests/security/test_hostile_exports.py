"""Whatever a run is called, what others read of it is text to them, in its own place."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hostile import TEXTS, plainest, run
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as classic

import ocarbon_magic as oc
from ocarbon_magic.journal.export.formats import FORMATS
from ocarbon_magic.telemetry.figures import Figures
from ocarbon_magic.telemetry.text import text_of

PARSERS = {"openmetrics": openmetrics, "classic": classic}
TESTED = {"codecarbon", "csv", "json", "jsonl", "openmetrics", "parquet"}
"""Parquet has no signs of its own: its columns are typed, and written by another."""

every_text = pytest.mark.parametrize("name", TEXTS)
everywhere = pytest.mark.parametrize("strange", [False, True], ids=["known words", "no known word"])


def test_the_list_of_formats_is_whole():
    assert {*FORMATS} == TESTED


@pytest.mark.parametrize("form", ["csv", "codecarbon"])
@everywhere
@every_text
def test_no_cell_is_a_formula_and_no_row_is_of_the_data(name, form, strange):
    text = oc.export(runs=run(TEXTS[name], everywhere=strange), format=form).text
    head, row = csv.reader(io.StringIO(text, newline=""))
    assert len(head) == len(row)
    for cell in filter(str.strip, row):
        if cell.lstrip()[0] in "=+-@":
            float(cell)
        assert all(sign.isprintable() for sign in cell)


@pytest.mark.parametrize("value", [-0.5, 0.25])
def test_a_number_stays_a_number(value):
    one = plainest()
    one.metric.value = value
    (row,) = csv.DictReader(io.StringIO(oc.export(runs=one, format="csv").text))
    assert float(row["metric_value"]) == value


@pytest.mark.parametrize("form", ["json", "jsonl"])
@everywhere
@every_text
def test_a_record_is_read_again_as_it_was(name, form, strange):
    written = run(TEXTS[name], everywhere=strange)
    read = json.loads(oc.export(runs=written, format=form).text)
    record = read if form == "jsonl" else read[0]
    assert record == json.loads(json.dumps(written.to_dict()))


def samples_of(text, parse):
    return sorted(
        (sample.name, tuple(sorted(sample.labels)), sample.value)
        for family in parse(text)
        for sample in family.samples
    )


@everywhere
@every_text
def test_a_label_makes_no_sample_and_no_other_label(name, strange):
    parse = PARSERS["openmetrics"]
    told = oc.export(runs=run(TEXTS[name], everywhere=strange), format="openmetrics").text
    assert samples_of(told, parse) == samples_of(
        oc.export(runs=plainest(), format="openmetrics").text, parse
    )
    assert told.splitlines().count("# EOF") == 1


@pytest.mark.parametrize("form", PARSERS)
@every_text
def test_live_figures_have_no_sample_and_no_label_of_the_data(name, form):
    told, plain = (
        text_of([_of_one_host(one)], classic=form == "classic")
        for one in (run(TEXTS[name]), plainest())
    )
    assert samples_of(told, PARSERS[form]) == samples_of(plain, PARSERS[form])


def _of_one_host(one):
    del one.hosts[1:]  # two of one name would be one sample
    return Figures.of(one, (300.0, 300.0, 70.0))
