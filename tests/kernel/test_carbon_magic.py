"""%%carbon and %carbon in a real kernel: options, bad input, what is shown and kept."""

from __future__ import annotations

import json

import pytest

from ocarbon_magic.run import Run

WRONG = [
    ("--zone Farnce", "unknown zone 'Farnce'", "France"),
    ("--zoen FRA", "unknown option --zoen", "did you mean --zone?"),
    ("--pue 0", "--pue must be a number of at least 1", "'0'"),
    ("--intensity nan", "--intensity must be a number of gCO2e per kWh", "'nan'"),
    ("--total 0", "--total must be a number above 0", "'0'"),
    ("--unit 12", "--unit must be a word", "'12'"),
    ("--devices 7", "7", "GPU"),
    ("--devices trace:nowhere.csv", "nowhere.csv", ""),
    ("--metric 'a b'", "--metric must be a Python expression", "'a b'"),
]


@pytest.mark.parametrize(("options", "names", "remedy"), WRONG, ids=[w[0] for w in WRONG])
def test_a_wrong_option_is_answered_in_one_sentence_and_the_cell_does_not_start(
    kernel, options, names, remedy
):
    seen = kernel.run(f"%%carbon {options}\nstarted = True")
    assert seen.status == "error"
    assert seen.error is None, "no traceback"
    sentence = seen.streams["stderr"].strip()
    assert sentence.startswith("UsageError: %%carbon: ")
    assert names in sentence
    assert remedy in sentence
    assert "\n" not in sentence
    assert seen.panel == []
    assert kernel.ask("'started' in globals()") is False


def test_loops_show_nothing_where_every_expression_is_shown(kernel):
    kernel.run("get_ipython().ast_node_interactivity = 'all'")
    try:
        seen = kernel.run(
            "%%carbon\nfor i in range(90):\n    for j in range(3): pass\n"
            "    if i == 80: break\nn = 0\nwhile n < 2: n += 1\nn"
        )
    finally:
        kernel.run("get_ipython().ast_node_interactivity = 'last_expr'")
    assert [o["data"]["text/plain"] for o in seen.outputs] == ["2"]


def test_what_fails_before_a_run_begins_leaves_the_cell_and_the_next_ones(kernel):
    kernel.run(
        "import ocarbon_magic.measurement as m\nkept = m.Recorder\n"
        "def broken(*_, **__): raise RuntimeError('no thread')\nm.Recorder = broken"
    )
    seen = kernel.run("%%carbon\nran = 7\nran")
    assert seen.outputs[-1]["data"]["text/plain"] == "7"
    assert seen.streams["stderr"].count("\n") == 1
    assert "this cell is not measured: RuntimeError('no thread')" in seen.streams["stderr"]
    kernel.run("m.Recorder = kept")
    assert kernel.run("%%carbon\npass").record["status"] == "finished"


def test_a_cell_without_code_says_so(kernel):
    alone = kernel.run("%%carbon")
    assert alone.streams["stderr"].startswith("UsageError: %%carbon is a cell magic, but the cell")
    commented = kernel.run("%%carbon --zone FRA\n# nothing here\n")
    assert "there is no code to measure" in commented.streams["stderr"]
    assert commented.panel == []


def test_the_display_begins_provisional_and_ends_as_the_record(kernel):
    seen = kernel.run("%%carbon --zone FRA --name training\nsum(range(1000))")
    first, last = seen.panel
    assert first["transient"] == last["transient"]
    assert set(first["data"]) == set(last["data"]) == {
        "text/plain", "text/html", "application/vnd.ocarbon.run+json",
    }  # fmt: skip
    assert first["data"]["application/vnd.ocarbon.run+json"]["status"] == "running"
    run = Run.from_dict(seen.record)
    assert (run.status, run.name, run.zone.code, run.zone.how) == (
        "finished", "training", "FRA", "given",
    )  # fmt: skip
    assert run.emissions_g == pytest.approx(run.operational_g + run.embodied_g)
    assert run.energy_kwh > 0
    assert run.operational_g == pytest.approx(
        run.energy_kwh * run.pue * run.intensity.gco2e_per_kwh
    )


def test_no_panel_shows_only_the_end_and_quiet_shows_nothing(kernel):
    kernel.run("%%carbon --no-panel --save shown\n1")
    seen = kernel.run("%%carbon --no-panel --save shown\n1")
    assert [p["data"]["application/vnd.ocarbon.run+json"]["status"] for p in seen.panel] == [
        "finished"
    ]
    quiet = kernel.run("%%carbon --quiet --save kept\n1")
    assert quiet.panel == []
    assert quiet.streams == {}
    assert kernel.ask("kept.status") == "finished"
    assert kernel.ask("__import__('ocarbon_magic').last_run() is kept") is True


def test_a_cleared_output_gets_the_record_anew(kernel):
    seen = kernel.run(
        "%%carbon --zone FRA\nfrom IPython.display import clear_output\nclear_output()\nprint('x')"
    )
    assert seen.record["status"] == "finished"
    assert kernel.ask("__import__('ocarbon_magic').last_run().status") == "finished"


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("1 / 0", "failed"),
        ("raise KeyboardInterrupt", "interrupted"),
        ("import sys\nsys.exit()", "interrupted"),
        ("import asyncio\nraise asyncio.CancelledError", "interrupted"),
        ("%%time\n1 / 0", "failed"),
        ("pass", "finished"),
    ],
)
def test_the_run_ends_with_the_cell_whatever_happens(kernel, code, status):
    seen = kernel.run(f"%%carbon --zone FRA\n{code}")
    assert seen.record["status"] == status
    after = kernel.run(
        "len([t for t in __import__('threading').enumerate() if t.name == 'ocarbon-sampler'])"
    )
    assert after.outputs[-1]["data"]["text/plain"] == "0"


def test_an_interrupt_from_outside_ends_the_cell_and_the_run(kernel):
    seen = kernel.run(
        "%%carbon --zone FRA\nimport time\nprint('ready', flush=True)\n"
        "deadline = time.monotonic() + 60\nwhile time.monotonic() < deadline:\n    pass",
        on_output=kernel.manager.interrupt_kernel,
    )
    assert seen.error[0] == "KeyboardInterrupt"
    assert seen.record["status"] == "interrupted"
    assert seen.record["duration_s"] < 30


def test_the_metric_is_kept_with_the_run(kernel):
    seen = kernel.run("%%carbon --metric 'scores[-1]'\nscores = [0.5, 0.75]")
    assert seen.record["metric"] == {"expression": "scores[-1]", "value": 0.75}
    text = kernel.run("%%carbon --metric word\nword = 'good'")
    assert text.record["metric"]["value"] == "good"


def test_a_metric_that_fails_is_a_warning_and_the_run_is_kept(kernel):
    seen = kernel.run("%%carbon --metric missing_name\n1")
    assert seen.status == "ok"
    assert seen.record["metric"] is None
    assert any("missing_name" in w for w in seen.record["warnings"])


def test_total_and_unit_stand_in_the_record(kernel):
    seen = kernel.run("%%carbon --total 500 --unit batch\npass")
    assert (seen.record["work"]["total"], seen.record["work"]["unit"]) == (500, "batch")


def test_given_intensity_and_pue_win_over_the_zone(kernel):
    seen = kernel.run("%%carbon --zone aws:us-east-1 --intensity 10 --pue 2\nsum(range(10**6))")
    record = seen.record
    assert record["intensity"]["gco2e_per_kwh"] == 10
    assert record["pue"] == 2
    assert record["operational_g"] == pytest.approx(record["energy_kwh"] * 20)


def test_a_cloud_region_brings_its_own_pue(kernel):
    record = kernel.run("%%carbon --zone aws:us-east-1\npass").record
    assert record["pue"] > 1
    assert record["zone"]["code"] == "aws:us-east-1"


def test_none_measures_nothing_and_says_so(kernel):
    record = kernel.run("%%carbon --devices none\npass").record
    assert record["devices"] == []
    assert record["energy_kwh"] is None
    assert record["emissions_g"] is None
    assert any("No energy was measured" in w for w in record["warnings"])


def test_a_replayed_trace_gives_its_energy(kernel, tmp_path):
    trace = tmp_path / "trace.csv"
    trace.write_text("t_s,power_w\n0,100\n3600,100\n")
    record = kernel.run(
        f"%%carbon --devices 'trace:{trace}' --intensity 500\nimport time\ntime.sleep(0.3)"
    ).record
    (device,) = record["devices"]
    assert device["method"] == "trace"
    assert device["energy_j"] == pytest.approx(100 * record["duration_s"], rel=0.1)


def test_configuration_by_traitlets_and_environment(kernel):
    kernel.run("%config CarbonMagics.zone = 'SWE'")
    assert kernel.run("%%carbon\npass").record["zone"]["how"] == "configured"
    kernel.run("%env OCARBON_ZONE=NOR")
    assert kernel.run("%%carbon\npass").record["zone"]["code"] == "NOR"
    assert kernel.run("%%carbon --zone FRA\npass").record["zone"]["code"] == "FRA"
    kernel.run("%env OCARBON_ZONE=Nowhereland")
    lost = kernel.run("%%carbon\npass").record
    assert lost["status"] == "finished"
    assert any("Nowhereland" in w for w in lost["warnings"])
    kernel.run("%env OCARBON_ZONE=")
    kernel.run("%config CarbonMagics.zone = None")


def test_subcommands_return_objects_with_a_rich_display(kernel):
    kernel.run("%%carbon --zone FRA --name before\npass")
    status = kernel.run("%carbon")
    assert "application/vnd.ocarbon.run+json" in status.outputs[-1]["data"]
    for line, words in [
        ("%carbon doctor", ["cpu-estimate", "NVIDIA", "Journal"]),
        ("%carbon zone Sweden", ["SWE", "gCO2e per kWh", "lifecycle"]),
        ("%carbon zone", ["chosen"]),
    ]:
        data = kernel.run(line).outputs[-1]["data"]
        for word in words:
            assert word in data["text/plain"]
            assert word in data["text/html"]
    kernel.run("x = %carbon status")
    assert kernel.ask("x.name") == "before"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("%carbon docter", "unknown subcommand docter: did you mean doctor?"),
        ("%carbon zone Farnce", "unknown zone 'Farnce'"),
        ("%carbon doctor now", "takes nothing more, not 'now'."),
        ("%carbon 'open", "a quotation mark is not closed."),
        ("%carbon help docter", "unknown subcommand docter: did you mean doctor?"),
        (
            "%load_ext ocarbon_magic\n\n%%carbon --zone FRA\nstarted = True",
            "%%carbon belongs on the first line of a cell of its own",
        ),
    ],
)
def test_a_wrong_subcommand_is_answered_in_one_sentence(kernel, line, sentence):
    seen = kernel.run(line)
    assert seen.error is None
    assert sentence in seen.streams["stderr"]
    assert seen.streams["stderr"].strip().count("\n") == 0


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("%%carbon --zo", "--zone"),
        ("%%carbon --zone FRA --pu", "--pue"),
        ("%%carbon --zone FR", "FRA"),
        ("%%carbon --devices v", "visible"),
        ("%%carbon --forecast o", "opencarboneval"),
        ("%carbon do", "doctor"),
        ("%carbon help ru", "runs"),
        ("%carbon zone SW", "SWE"),
    ],
)
def test_tab_completes_options_zones_devices_and_subcommands(kernel, typed, wanted):
    kernel.client.complete(typed + ("\nx = 1" if typed.startswith("%%") else ""), len(typed))
    reply = kernel.client.get_shell_msg(timeout=30)
    assert wanted in reply["content"]["matches"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("%carbon help", ["compare [RUN ...]", "doctor", "%%carbon? shows the options"]),
        ("%carbon --help", ["compare [RUN ...]"]),
        ("%carbon help export", ["export PATH [RUN ...]", "--format FORMAT", "--since DAY"]),
        ("%carbon runs -h", ["--totals BY", "running, finished, failed"]),
    ],
)
def test_help_says_what_can_be_asked_and_with_which_options(kernel, line, told):
    shown = kernel.run(line).outputs[-1]["data"]["text/plain"]
    for words in told:
        assert words in shown


def test_the_help_names_every_option(kernel):
    kernel.client.inspect("%%carbon", 8)
    text = kernel.client.get_shell_msg(timeout=30)["content"]["data"]["text/plain"]
    for flag in ("--zone", "--intensity", "--pue", "--devices", "--metric", "--quiet"):
        assert flag in text


def test_a_cell_magic_called_by_its_name_measures_too(kernel):
    seen = kernel.run(
        "get_ipython().run_cell_magic('carbon', '--zone FRA', 'inside = 6\\ninside * 7')"
    )
    assert seen.outputs[-1]["data"]["text/plain"] == "42"
    assert seen.record["status"] == "finished"
    failed = kernel.run("get_ipython().run_cell_magic('carbon', '', '1/0')")
    assert failed.error[0] == "ZeroDivisionError"
    assert failed.record["status"] == "failed"


def test_two_magics_stacked_make_two_runs(kernel):
    seen = kernel.run("%%carbon --name outer\n%%carbon --name inner\nsum(range(10))")
    assert [p["data"]["application/vnd.ocarbon.run+json"]["name"] for p in seen.panel] == [
        "outer", "inner", "inner", "outer",
    ]  # fmt: skip


def test_a_silent_request_is_not_measured(kernel):
    kernel.run("%%carbon --name loud\npass")
    kernel.client.execute_interactive("%%carbon --name hushed\nhushed = 1", silent=True, timeout=30)
    assert kernel.ask("hushed") == 1
    assert kernel.ask("__import__('ocarbon_magic').last_run().name") == "loud"


def test_measure_nests_inside_a_measured_cell(kernel):
    seen = kernel.run(
        "%%carbon --name outside\nimport ocarbon_magic as oc\n"
        "with oc.measure('inside', zone='FRA', quiet=True) as part:\n    sum(range(10**5))\n"
    )
    assert seen.record["name"] == "outside"
    assert kernel.ask("part.status") == "finished"


def test_a_run_shown_again_is_the_same_record(kernel):
    kernel.run("%%carbon --save again\npass")
    data = kernel.run("again").outputs[-1]["data"]
    assert json.dumps(data["application/vnd.ocarbon.run+json"]) == json.dumps(
        kernel.ask("again.to_dict()")
    )


def test_our_package_writes_nowhere_but_where_launched_processes_answer(kernel):
    kernel.run(
        "import sys\nwritten = []\n"
        "def audit(event, args):\n"
        "    if event == 'open' and isinstance(args[1], str) and set(args[1]) & set('wax+'):\n"
        "        written.append(str(args[0]))\n"
        "sys.addaudithook(audit)"
    )
    kernel.run("%%carbon --zone FRA\nsum(range(10**6))")
    ours = [f for f in kernel.ask("written") if "history" not in f]
    assert [f for f in ours if "ocarbon-ranks-" not in f] == []
