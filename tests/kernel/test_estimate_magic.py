"""`%carbon estimate` in a real kernel: plans, probes, slips, the tab key."""

from __future__ import annotations

import pytest

PLAN = "--params 7B --tokens 2T --device A100 --count 8 --zone FRA"


def sentence_of(seen):
    """Return the one line that an error showed."""
    assert seen.status == "error"
    assert seen.error is None, "no traceback"
    sentence = seen.streams["stderr"].strip()
    assert sentence.startswith("UsageError: %carbon estimate: ")
    assert "\n" not in sentence
    return sentence


def test_nothing_measured_yet_is_said_in_one_line(kernel):
    for line in ("--total 50000", "--from last"):
        sentence = sentence_of(kernel.run(f"%carbon estimate {line}"))
        assert "nothing has been measured yet: run some steps" in sentence


def test_a_plan_is_answered_with_a_rich_display_and_an_object(kernel):
    shown = kernel.run(f"%carbon estimate {PLAN}").outputs[-1]["data"]
    assert set(shown) == {"text/plain", "text/html"}
    assert "8.4e+22 FLOP" in shown["text/plain"]
    assert "80 % interval" in shown["text/html"]
    quiet = kernel.run(f"planned = %carbon estimate {PLAN}")
    assert quiet.outputs == []
    assert kernel.ask("planned.flop") == pytest.approx(8.4e22)
    assert kernel.ask("[planned.device_count, planned.zone.code]") == [8, "FRA"]
    kernel.run("import ocarbon_magic as oc")
    in_python = "oc.estimate(params=7e9, tokens=2e12, device='A100', device_count=8, zone='FRA')"
    assert kernel.ask(f"{in_python} == planned") is True
    assert "device-hours" in kernel.run("print(planned)").streams["stdout"]


def test_options_may_be_written_as_in_python(kernel):
    kernel.run(f"dashed = %carbon estimate {PLAN} --no-embodied")
    kernel.run(
        "bare = %carbon estimate params=7e9 tokens=2e12 device=A100 count=8 zone=FRA --no-embodied"
    )
    assert kernel.ask("bare == dashed") is True
    assert kernel.ask("bare.embodied_g") is None


def test_the_paper_and_a_known_throughput_are_a_word_away(kernel):
    kernel.run(
        "paper = %carbon estimate --flop 1e23 --device 'TPU v3' --intensity 409 "
        "--method opencarboneval --log10-alpha 3.3,13.1"
    )
    assert kernel.ask("[paper.method, paper.power_w.value]") == ["opencarboneval", 250.0]
    kernel.run("known = %carbon estimate --flop 3.6e18 --device T4 --tflops 20 --power 50")
    assert kernel.ask("known.hours.value") == pytest.approx(50.0)


def test_a_probe_tells_the_whole_training(kernel):
    kernel.run(
        "%%carbon --zone FRA --quiet --devices cpu --save probe\n"
        "for step in range(200):\n    sum(range(20000))"
    )
    kernel.run("whole = %carbon estimate --total 50000")
    assert kernel.ask("[whole.method, whole.work, whole.unit]") == ["measured", 50000, "step"]
    assert kernel.ask("whole.zone.code") == "FRA"
    assert kernel.ask("whole.hours.value * 3600 > 50 * probe.duration_s") is True
    kernel.run("last = %carbon estimate --from last --total 50000")
    kernel.run("named = %carbon estimate --from probe --total 50000")
    assert kernel.ask("whole == last == named") is True


WRONG = [
    ("", "say the work and the device, as in --params 7B"),
    ("--parms 7B", "unknown option --parms: did you mean --params?"),
    ("--flop 1e21 --device A10000", "did you mean NVIDIA A100"),
    ("--flop 1e21 --device A100 --zone Farnce", "unknown zone 'Farnce': did you mean FRA"),
    ("--flop 1e21 --device A100 --method magic", "--method must be calibrated, opencarboneval or"),
    ("--flop 1e21 --device A100 --count 0", "--count must be a whole number of at least 1"),
    ("--params 7 --tokens 2T --device A100", "7e9 for a 7B model"),
    ("--flop 1e21 --device T4 --method opencarboneval", "has no alpha for T4"),
    ("--from nowhere --total 9", "--from must be last, or what --save called a run"),
    ("--from PLAIN --total 9", "--from must be last, or what --save called a run"),
]


@pytest.mark.parametrize(("line", "said"), WRONG, ids=[line or "nothing" for line, _ in WRONG])
def test_a_slip_is_answered_in_one_sentence(kernel, line, said):
    kernel.run("PLAIN = 7")
    assert said in sentence_of(kernel.run(f"%carbon estimate {line}"))


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("%carbon es", "estimate"),
        ("%carbon estimate --par", "--params"),
        ("%carbon estimate --device A100-", "A100-80GB"),
        ("%carbon estimate --device A100 --zone FR", "FRA"),
        ("%carbon estimate --method op", "opencarboneval"),
        ("%carbon estimate --precision bf", "bf16"),
        ("%carbon estimate --from l", "last"),
    ],
)
def test_tab_completes_options_and_their_values(kernel, typed, wanted):
    kernel.client.complete(typed, len(typed))
    assert wanted in kernel.client.get_shell_msg(timeout=30)["content"]["matches"]
