"""What a report says of runs, in figures worked by hand."""

from __future__ import annotations

import pytest
from reported import AWKWARD, BY_HAND, FRANCE, an_hour, charged, in_california, of_each_status
from sample_runs import cpu, gpu, sample

import ocarbon_magic as oc
from ocarbon_magic.run import Intensity, Zone

FORMATS = ("markdown", "latex", "text")


def said(runs, form="markdown"):
    return " ".join(str(oc.report(runs, format=form)).split())


def test_one_run_is_told_in_the_figures_of_its_record():
    text = said(an_hour(pue=1.2, operational_g=60.0, emissions_g=64.0))
    assert "The run *train\\_resnet* took 1 h on 1 March 2026, on one NVIDIA H100 80GB" in text
    # 3.6 MJ = 1 kWh in an hour is 1 kW.
    assert "It drew 1.00 kWh of electricity (1.00 kW on average)" in text
    assert "read from the energy counters of the GPUs (NVML)" in text
    assert "with an uncertainty of ±5.1 %." in text
    assert "a power usage effectiveness (PUE) of 1.2" in text
    assert "the grid of France, 50 gCO2e/kWh (2024, lifecycle) [1]" in text
    # 1 kWh x 1.2 x 50 g/kWh = 60 g; 4 g embodied; 5.1 % of 60 g is 3.06 g, 4.8 % of 64 g.
    assert "the operational emissions are 60.0 gCO2e." in text
    assert "adds 4.00 gCO2e of embodied emissions" in text
    assert "In total, the run emitted 64.0 gCO2e (±4.8 % from the energy alone)." in text


def test_the_product_its_lifetime_its_boundary_and_its_source_stand_beside_the_embodied_grams():
    text = said(charged(an_hour()))
    # 164 kg x 1 h / (4 x 8760 h) = 4.680 g.
    assert "adds 4.68 gCO2e of embodied emissions" in text
    assert "at 164 kgCO2e per NVIDIA H100 SXM5 80GB [3] over 4 years (cradle-to-gate" in text
    assert "without the host)" in text
    assert "3. NVIDIA. HGX H100 Product Carbon Footprint Summary." in text


def test_the_range_of_a_figure_is_told_and_a_figure_by_hand_is_called_so():
    unknown = charged(an_hour(devices=[gpu(name="Some Card 9000", energy_j=3.6e6)]))
    assert "published range 60 kgCO2e to 285 kgCO2e" in said(unknown)
    unknown.embodied[0].source = "given"
    assert "kgCO2e per GPU, given by hand, over 4 years" in said(unknown)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("failed", "*train\\_resnet* failed after 1 h"),
        ("interrupted", "*train\\_resnet* was stopped after 1 h"),
        ("lost", "*train\\_resnet* was lost after 1 h"),
        ("running", "*train\\_resnet* is still going on, after 1 h"),
    ],
)
def test_a_run_that_did_not_finish_is_reported_and_called_so(status, words):
    assert words in said(an_hour(status=status))


def test_runs_that_failed_or_were_lost_count_and_are_named():
    runs = [an_hour(n, status=s) for n, s in enumerate(["finished", "failed", "lost", "failed"])]
    report = oc.report(runs)
    assert "The 4 runs, including 2 runs that failed and 1 that was lost, took 4 h" in str(report)
    # Four times 50 g + 4 g; four GPU-hours; nothing is left out.
    assert "(4 GPU-hours)" in str(report)
    assert "In total, the runs emitted 216 gCO2e" in str(report)
    assert report.emissions_g == pytest.approx(216.0)
    assert report.energy_kwh == pytest.approx(4.0)


def test_emissions_of_lifecycle_direct_and_by_hand_are_never_added():
    runs = [an_hour(1), an_hour(2), in_california(3), an_hour(4, intensity=BY_HAND)]
    report = oc.report(runs)
    text = " ".join(str(report).split())
    assert report.emissions_g is None
    assert report.energy_kwh == pytest.approx(4.0)
    # 2 x 54 g lifecycle; 100 + 4 g direct; 200 + 4 g by hand; their sum, 416 g, is nowhere.
    assert "2 runs with lifecycle intensities emitted 108 gCO2e" in text
    assert "1 run with direct intensities (combustion only) emitted 104 gCO2e" in text
    assert "1 run with intensities given by hand emitted 204 gCO2e" in text
    assert "are not added up" in text
    assert "416" not in text
    assert "| **All 4 runs** |  | **4 h** | **4.00 kWh** |  |  |  |" in str(report)


def test_a_run_without_energy_is_counted_and_left_out_of_the_sums():
    text = said([an_hour(1), sample(id="none", devices=[])])
    assert "The energy of 1 run is not known, and not in the sums." in text
    assert "In total, the runs emitted 54.0 gCO2e" in text
    assert "unknown" in text


def test_nothing_measured_is_said_instead_of_zero():
    text = said(sample(devices=[]))
    assert "No energy was measured in it, so that nothing can be said of emissions." in text
    assert "0 gCO2e" not in text


def test_an_estimate_is_called_one_and_what_is_left_out_depends_on_what_was_measured():
    estimate = said(an_hour(devices=[cpu(energy_j=3.6e6)]))
    assert "estimated from the time the processors were used" in estimate
    assert "with an uncertainty of ±50 %" in estimate
    assert "Only the processors are counted: memory, disks, fans" in estimate
    boards = said(an_hour())
    assert "the rest of the server, typically 18 to 29 % of its energy, is not included" in boards
    both = said(an_hour(devices=[gpu(energy_j=2.4e6), cpu(energy_j=1.2e6)]))
    assert "(NVML) and, where there are none, estimated from CPU time" in both
    # (5.1 x 2.4 + 50 x 1.2) / 3.6 = 20.07.
    assert "±20 %" in both
    assert "Only the devices named are counted" in both


def test_a_place_nobody_named_is_called_a_guess():
    assert "The place was guessed from the time zone." in said(
        an_hour(zone=Zone("FRA", "France", "timezone"))
    )
    assert "The place is not known: the average of the world stands for it." in said(
        an_hour(zone=Zone("WLD", "World", "default"))
    )


def test_an_intensity_given_by_hand_is_called_so_and_the_place_is_named():
    text = said(an_hour(intensity=BY_HAND))
    assert "in France, on one" in text
    assert "a carbon intensity of 200 gCO2e/kWh, given by hand, the operational" in text
    assert "[1] [2]" not in text


def test_embodied_carbon_that_was_left_out_is_said_to_be():
    text = said(an_hour(embodied_g=None))
    assert "Emissions of the manufacture of the hardware are not included." in text
    mixed = said([an_hour(1), an_hour(2, embodied_g=None)])
    assert "Of these, 1 run is without embodied emissions." in mixed


def test_runs_that_share_time_on_one_device_are_said_to_count_twice():
    inner = an_hour(1, started_at="2026-03-01T10:30:00Z", ended_at="2026-03-01T10:45:00Z")
    outer = an_hour(2)
    inner.devices[0].uuid = outer.devices[0].uuid
    assert "1 run overlaps in time with another on the same device" in said([inner, outer])
    later = an_hour(3, started_at="2026-03-01T11:00:00Z", ended_at="2026-03-01T12:00:00Z")
    later.devices[0].uuid = outer.devices[0].uuid
    assert "overlap" not in said([later, outer])
    assert "overlap" not in said([an_hour(4), outer])


def test_a_run_within_another_is_counted_once_where_both_are_told():
    outer = an_hour(1, devices=[cpu(energy_j=3.6e6)])
    inner = an_hour(2, devices=[cpu(energy_j=1.8e6)], within=outer.id)
    alone, both = said([outer]), said([inner, outer])
    assert "1 more run was measured within these, whose figures include it." in both
    assert "overlap" not in both
    assert oc.report([inner, outer]).emissions_g == oc.report([outer]).emissions_g
    assert both.startswith(alone[:60])
    # Without the run that includes it, it counts as any other.
    third = an_hour(3)
    apart = oc.report([inner, third]).emissions_g
    assert apart == inner.emissions_g + third.emissions_g
    assert "measured within" not in said([inner, third])


def test_days_and_hardware_of_several_runs_are_told_together():
    first = an_hour(1, started_at="2026-02-27T10:00:00Z", ended_at="2026-02-27T11:00:00Z")
    second = an_hour(2, devices=[gpu(n, uuid=f"G{n}") for n in range(8)])
    text = said([second, first])
    assert "from 27 February to 1 March 2026, on up to 8 \N{MULTIPLICATION SIGN} NVIDIA" in text
    # One hour of one GPU, one of eight.
    assert "(9 GPU-hours)" in text


def test_many_runs_are_a_table_of_those_that_emitted_most():
    runs = [an_hour(n, operational_g=float(n), emissions_g=float(n)) for n in range(100)]
    report = str(oc.report(runs))
    rows = [line for line in report.splitlines() if line.startswith("| train")]
    assert len(rows) == 30
    assert "70.0 g" in rows[0]
    assert "99.0 g" in rows[-1]
    assert "of 100 runs, the 30 largest" in report
    assert "The 100 runs" in report


def test_many_grids_and_devices_are_named_in_part():
    runs = [
        an_hour(
            n,
            intensity=Intensity(50.0 + n, 2024, "lifecycle", "Ember"),
            devices=[gpu(name=f"Card {n}", energy_j=3.6e6)],
        )
        for n in range(7)
    ]
    text = said(runs)
    assert "3 other figures" in text
    assert "3 other devices" in text


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", AWKWARD)
def test_no_name_breaks_a_report(form, name):
    run = an_hour(name=name, zone=Zone("X", name or "Y", "given"))
    assert said([run, an_hour(2)], form)
    assert said(run, form)


def test_all_formats_tell_the_same_story():
    runs = [*of_each_status(), in_california()]
    for form in FORMATS:
        text = said(runs, form).replace("~", " ").replace(r"CO\textsubscript{2}e", "CO2e")
        for words in ("The 6 runs", "1 run that failed", "104 gCO2e", "ocarbon", "26"):
            assert words in text, (form, words)


def test_text_fits_a_terminal():
    lines = str(oc.report([*of_each_status(), in_california()], format="text")).splitlines()
    assert max(map(len, lines)) <= 80


def test_runs_are_looked_at_one_by_one_and_the_last_is_the_default():
    text = str(oc.report(an_hour(n) for n in range(3)))
    assert "The 3 runs" in text
    with pytest.raises(ValueError, match="there is no run to report on"):
        oc.report()
    with pytest.raises(ValueError, match="there is no run to report on"):
        oc.report([])


def test_a_slip_is_answered_in_one_sentence():
    with pytest.raises(ValueError, match=r"unknown format latx: did you mean latex\?"):
        oc.report(an_hour(), format="latx")
    with pytest.raises(ValueError, match="unknown type of training pretraining: did you mean"):
        oc.report(an_hour(), format="model-card", training_type="pretraining")
    with pytest.raises(ValueError, match=r"runs must be runs, as oc.runs\(name='net\*'\)"):
        oc.report("net")


def test_a_report_is_an_object():
    report = oc.report(an_hour())
    fields = report.to_dict()
    assert fields["text"] == report.text == str(report)
    assert fields["runs"] == 1
    assert fields["format"] == "markdown"
    assert fields["emissions_g"] == pytest.approx(54.0)
    assert fields["saved"] == []
    assert "@article{opencarboneval," in report.bibtex
    assert FRANCE.source not in str(report)
