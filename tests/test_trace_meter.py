"""Replaying a recorded power trace."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocarbon_magic.meters.trace import TraceMeter


class Clock:
    now = 50.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def replay(tmp_path, clock):
    def make(text):
        path = tmp_path / "gpu0.csv"
        path.write_text(text, encoding="utf-8")
        meter = TraceMeter(path, clock=clock)
        meter.start()
        return meter

    return make


RAMP = "t_s,power_w\n0,100\n10,300\n20,300\n"


def test_energy_is_the_integral_of_the_line_through_the_points(replay, clock):
    meter = replay(RAMP)
    clock.now += 5
    (reading,) = meter.read()
    assert reading.energy_j == pytest.approx(5 * 150)
    assert reading.power_w == reading.max_power_w == pytest.approx(200)
    clock.now += 10
    assert meter.read()[0].energy_j == pytest.approx(2000 + 5 * 300)


def test_energy_ends_where_the_cell_ended_and_not_when_it_was_asked_for(replay, clock):
    meter = replay(RAMP)
    clock.now += 15
    assert meter.stop(clock.now - 5)[0].energy_j == pytest.approx(2000)


def test_nothing_is_drawn_at_the_start(replay):
    (reading,) = replay(RAMP).read()
    assert reading.energy_j == 0
    assert reading.power_w == 100


def test_the_last_power_holds_after_the_end_with_a_note(replay, clock):
    meter = replay(RAMP)
    clock.now += 20
    meter.read()
    assert meter.notes.lines == []
    clock.now += 10
    meter.read()
    (reading,) = meter.read()
    assert reading.energy_j == pytest.approx(2000 + 20 * 300)
    assert meter.notes.lines == [
        "The trace gpu0.csv ends at 20 s: gpu0 is taken to draw its last power from there."
    ]


def test_time_stamps_of_a_wall_clock_start_the_replay_at_the_first(replay, clock):
    meter = replay("# from a rack meter\nt_s,power_w\n1700000000,100\n1700000010,300\n")
    clock.now += 10
    assert meter.read()[0].energy_j == pytest.approx(2000)


def test_several_devices_share_one_start(replay, clock):
    meter = replay("t_s,power_w,device\n0,10,a\n2,30,b\n4,10,a\n4,30,b\n")
    assert [device.name for device in meter.describe()] == ["a", "b"]
    clock.now += 4
    assert [r.energy_j for r in meter.read()] == pytest.approx([40, 120])


def test_a_replay_does_not_claim_to_be_measured(replay):
    (device,) = replay(RAMP).describe()
    assert (device.kind, device.method, device.measured, device.uuid) == (
        "gpu",
        "trace",
        False,
        None,
    )


@given(
    points=st.lists(st.tuples(st.floats(0.01, 100), st.floats(0, 1000)), min_size=1, max_size=30),
    at=st.lists(st.floats(0, 4000), min_size=1, max_size=10),
)
def test_energy_never_falls_and_stays_within_the_powers(tmp_path_factory, points, at):
    path = tmp_path_factory.mktemp("trace") / "gpu.csv"
    t_s, rows = 0.0, ["t_s,power_w"]
    for step_s, power_w in points:
        t_s += step_s
        rows.append(f"{t_s!r},{power_w!r}")
    path.write_text("\n".join(rows))
    meter = TraceMeter(path, clock=Clock())
    meter.start()
    last_j = 0.0
    for span_s in sorted(at):
        (reading,) = meter.stop(Clock.now + span_s)
        assert reading.energy_j >= last_j * (1 - 1e-12)
        assert reading.power_w <= reading.max_power_w + 1e-9
        assert reading.energy_j <= span_s * reading.max_power_w * (1 + 1e-9) + 1e-9
        last_j = reading.energy_j


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("", 1, "must have seconds and watts"),
        ("time,watts\n0,1\n", 1, "must be `t_s,power_w`"),
        ("t_s,power_w\n", 2, "must have seconds and watts"),
        ("t_s,power_w\n0,100\n1,hot\n", 3, "two numbers"),
        ("t_s,power_w\n0,100\n1,-5\n", 3, "watts of 0 or more"),
        ("t_s,power_w\n0,nan\n", 2, "two numbers"),
        ("t_s,power_w\n0,1\n1,inf\n", 3, "two numbers"),
        ("t_s,power_w\n0,100\n\n# pause\n0,100\n", 5, "later time"),
        ("t_s,power_w\n0,100,a\n", 2, "must have 2 cells"),
        ("t_s,power_w,device\n0,100\n", 2, "must have 3 cells"),
    ],
)
def test_a_bad_file_is_named_with_its_line_in_one_sentence(replay, text, line, why):
    with pytest.raises(ValueError, match=why) as refused:
        replay(text)
    message = str(refused.value)
    assert f"gpu0.csv: line {line} " in message
    assert message.count("\n") == 0
    assert message.endswith(".")


def test_a_file_that_is_not_there_or_not_text_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"nowhere.csv cannot be read \(No such file"):
        TraceMeter(tmp_path / "nowhere.csv")
    binary = tmp_path / "picture.csv"
    binary.write_bytes(b"\x89PNG\xff\xfe")
    with pytest.raises(ValueError, match=r"picture.csv cannot be read \(it is not text\)"):
        TraceMeter(binary)
