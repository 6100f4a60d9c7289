"""A run that goes on, as the page puts it together from the kernel's messages."""

from __future__ import annotations

import pytest
import sample_runs

from ocarbon_magic.run import Projection

BASE = sample_runs.just_begun().to_dict()
KERNEL = "const kernel = { id: 'k', interrupt: async () => { window.interrupted = true; } };"


def snapshot(number, **changes):
    t_s = 0.5 * (number + 1)
    made = {
        "schema": "ocarbon.snapshot/1",
        "id": BASE["id"],
        "number": number,
        "duration_s": t_s,
        "energy_kwh": 1e-4 * t_s,
        "operational_g": 1e-3 * t_s,
        "embodied_g": 1e-4 * t_s,
        "emissions_g": 1.1e-3 * t_s,
        "device_power_w": [300.0, None],
        "device_energy_j": [300.0 * t_s, None],
        "done": 10.0 * t_s,
        "rate_per_s": 10.0,
        "stride": 1,
        "points": [[t_s, 300.0, 10.0 * t_s, 1.1e-3 * t_s]],
    }
    return made | changes


def after(view, snapshots, base=BASE):
    """The record, once snapshots have been added to what the output held."""
    return view.evaluate(
        """async ([base, snapshots]) => {
            const { LiveRun } = await import("/lib/live/run.js");
            const run = new LiveRun(base);
            snapshots.forEach((one) => run.add(one));
            return run.record();
        }""",
        [base, snapshots],
    )


def test_hosts_are_those_told_last(view):
    hosts = [{"name": "host 1", "lost": 0}, {"name": "host 2", "lost": 0}]
    lost = [{"name": "host 1", "lost": 0}, {"name": "host 2", "lost": 1}]
    told = [snapshot(0, hosts=hosts), snapshot(1), snapshot(2, hosts=lost), snapshot(3)]
    assert after(view, told)["hosts"] == lost


def test_devices_that_are_put_together_leave_no_rows_behind(view):
    about = {str(i): {"name": "GPU", "uuid": str(i), "count": 1} for i in range(16)}
    apart = {"device_power_w": [300.0] * 16, "device_energy_j": [150.0] * 16}
    together = {"device_power_w": [9600.0], "device_energy_j": [9600.0]}
    one = {"0": {"name": "GPU", "uuid": None, "count": 32}}
    told = [snapshot(0, devices=about, **apart), snapshot(1, devices=one, **together)]
    (row,) = after(view, told)["devices"]
    assert (row["count"], row["uuid"], row["power_w"]) == (32, None, 9600.0)


def in_hub(view, steps, *arguments):
    """What ``steps``, the body of a function, return; ``hub`` and ``kernel`` are there."""
    return view.evaluate(
        f"""async (given) => {{
            const {{ Hub }} = await import("/lib/live/hub.js");
            const hub = window.hub ??= new Hub();
            {KERNEL}
            {steps}
        }}""",
        [BASE, *arguments],
    )


def test_figures_of_the_last_snapshot_are_the_records(view):
    record = after(view, [snapshot(0), snapshot(1)])
    assert record["duration_s"] == 1.0
    assert record["emissions_g"] == pytest.approx(1.1e-3)
    assert record["name"] == BASE["name"]
    assert record["zone"] == BASE["zone"]
    assert record["work"] | {"done": 10.0, "rate_per_s": 10.0} == record["work"]


def test_parts_that_come_now_and_then_stay(view):
    projection = sample_runs.projection()
    first = snapshot(
        0,
        work={"total": 2000.0, "unit": "step", "source": "tqdm", "hint": None},
        projection={"emissions_g": vars_of(projection.emissions_g)},
        warnings=["One."],
        devices={"0": {"name": "GPU A", "kind": "gpu"}, "1": {"name": "CPU B", "kind": "cpu"}},
    )
    record = after(view, [first, snapshot(1), snapshot(2, projection=None)])
    assert record["work"]["total"] == 2000.0
    assert record["work"]["unit"] == "step"
    assert record["work"]["done"] == 15.0
    assert record["warnings"] == ["One."]
    assert record["projection"] is None
    gpu, cpu = record["devices"]
    assert (gpu["name"], gpu["power_w"], gpu["mean_power_w"]) == ("GPU A", 300.0, 300.0)
    assert (cpu["name"], cpu["energy_j"], cpu["mean_power_w"]) == ("CPU B", None, None)


def vars_of(projection: Projection):
    return {"value": projection.value, "low": projection.low, "high": projection.high, "level": 0.8}


def test_points_old_and_new_make_one_series_that_ends_now(view):
    late = snapshot(9, points=[[4.5, 290.0, 45.0, 0.005], [0.5, 280.0, 5.0, 0.001]])
    record = after(view, [late, snapshot(10, points=[[1.0, 281.0, 10.0, 0.002]])])
    assert record["series"] == {
        "t_s": [0.5, 1.0, 4.5, 5.5],
        "power_w": [280.0, 281.0, 290.0, 300.0],
        "work": [5.0, 10.0, 45.0, 55.0],
        "emissions_g": pytest.approx([0.001, 0.002, 0.005, 1.1e-3 * 5.5]),
    }


def test_a_series_is_thinned_where_the_kernel_thins_its_own(view):
    made = [snapshot(i) for i in range(480)]
    assert len(after(view, made)["series"]["t_s"]) == 480
    record = after(view, [*made, snapshot(480, stride=2)])
    assert record["series"]["t_s"] == [0.5 + i for i in range(240)] + [240.5]


def test_a_run_of_months_stays_small(view):
    record = view.evaluate(
        """async ([base, one]) => {
            const { LiveRun } = await import("/lib/live/run.js");
            const run = new LiveRun(base);
            for (let i = 0; i < 20_000; i += 1) {
                run.add({ ...one, number: i, points: [[i, 1, i, i]], duration_s: i });
            }
            return run.record();
        }""",
        [BASE, snapshot(0)],
    )
    assert 480 <= len(record["series"]["t_s"]) <= 961


def test_what_comes_late_or_twice_is_left_aside(view):
    record = after(view, [snapshot(3), snapshot(1), snapshot(3, emissions_g=99.0)])
    assert record["duration_s"] == 2.0
    assert record["emissions_g"] < 1


def test_a_finished_record_is_the_end(view):
    finished = sample_runs.sample().to_dict()
    record = view.evaluate(
        """async ([base, one, finished]) => {
            const { LiveRun } = await import("/lib/live/run.js");
            const run = new LiveRun(base);
            run.adopt(finished);
            run.add(one);
            run.adopt(base);
            return run.record();
        }""",
        [BASE, snapshot(0), finished],
    )
    assert record == finished


@pytest.mark.parametrize("wrong", [None, 0, "x", [], {}, [[None]], [[1, "x"]]], ids=repr)
def test_wrong_types_in_a_snapshot_do_no_harm(view, wrong):
    keys = ["work", "devices", "device_power_w", "device_energy_j", "points", "stride", "number"]
    for key in keys:
        record = after(view, [snapshot(0) | {key: wrong}, snapshot(1)])
        assert record["duration_s"] in (0.5, 1.0), key


def test_the_hub_tells_those_who_follow_a_run_and_no_others(view):
    other = snapshot(0, id="another")
    told = in_hub(
        view,
        """
        const told = [];
        const leave = hub.follow(given[0], () => told.push(hub.record(given[0]).duration_s));
        hub.hear({ snapshot: given[1] }, kernel);
        hub.hear({ state: { snapshot: given[2] } }, kernel);
        hub.hear({ snapshot: given[3] }, kernel);
        for (const noise of [null, 1, "x", [], {}, { snapshot: 1 }, { snapshot: {} },
                             { record: { id: 1 } }, { method: "update", state: { value: 3 } }]) {
            hub.hear(noise, kernel);
        }
        leave();
        hub.hear({ snapshot: { ...given[2], number: 9 } }, kernel);
        return told;
        """,
        snapshot(0),
        snapshot(1),
        other,
    )
    assert told == [0.5, 1.0]


def test_what_was_heard_before_anyone_followed_is_there(view):
    record = in_hub(
        view,
        """
        hub.hear({ snapshot: given[1] }, kernel);
        hub.follow(given[0], () => {});
        hub.interrupt(given[0])();
        return hub.record(given[0]);
        """,
        snapshot(4),
    )
    assert record["duration_s"] == 2.5
    assert record["name"] == BASE["name"]
    assert view.evaluate("window.interrupted") is True


def test_a_run_of_a_lost_kernel_keeps_its_figures(view):
    record, is_over = in_hub(
        view,
        """
        hub.follow(given[0], () => {});
        hub.hear({ snapshot: given[1] }, kernel);
        hub.lose("another");
        const before = hub.record(given[0]).status;
        hub.lose("k");
        return [{ ...hub.record(given[0]), before }, hub.isOver(given[0])];
        """,
        snapshot(4),
    )
    assert (record["before"], record["status"], is_over) == ("running", "lost", True)
    assert record["emissions_g"] > 0
    assert record["series"]["t_s"] == [2.5]


def test_a_run_that_nobody_speaks_of_is_taken_for_lost_until_somebody_does(own_view):
    own_view.clock.install()
    status = "return [hub.record(given[0]).status, hub.isOver(given[0]), window.told];"
    in_hub(
        own_view,
        "window.told = 0; hub.follow(given[0], () => { window.told += 1; });",
    )
    own_view.clock.fast_forward(14_000)
    assert in_hub(own_view, status) == ["running", False, 0]
    own_view.clock.fast_forward(2_000)
    assert in_hub(own_view, status) == ["lost", False, 1]
    in_hub(own_view, "hub.hear({ snapshot: given[1] }, kernel);", snapshot(30))
    assert in_hub(own_view, status) == ["running", False, 2]
    own_view.clock.fast_forward(600_000)
    assert in_hub(own_view, status) == ["running", False, 2]


def test_old_runs_are_forgotten_and_followed_ones_are_not(view):
    left = in_hub(
        view,
        """
        hub.follow(given[0], () => {});
        hub.hear({ snapshot: given[1] }, kernel);
        for (let i = 0; i < 1000; i += 1) {
            hub.hear({ snapshot: { ...given[1], id: `run ${i}` } }, kernel);
        }
        return [hub.runs.size, hub.record(given[0]).duration_s];
        """,
        snapshot(0),
    )
    assert left == [64, 0.5]


def test_work_of_a_run_without_a_record_yet_is_its_own(view):
    record = after(view, [snapshot(0)], {"id": BASE["id"], "status": "running"})
    assert record["work"] == {"done": 5.0, "rate_per_s": 10.0}
