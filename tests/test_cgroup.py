"""How many CPUs a control group leaves, from files laid out as Linux shows them."""

import pytest

from ocarbon_magic.meters.cgroup import usable_cpus


class Machine:
    """A procfs and mounts under a temporary folder."""

    def __init__(self, root):
        self.root = root
        self.proc = root / "proc"
        self.mounts = []
        (self.proc / "self").mkdir(parents=True)

    def groups(self, *lines):
        (self.proc / "self/cgroup").write_text("".join(f"{line}\n" for line in lines))

    def mount(self, point, *, kind="cgroup2", options="rw", shown="/"):
        folder = self.root / point
        folder.mkdir(parents=True, exist_ok=True)
        escaped = str(folder).replace(" ", "\\040")
        number = 30 + len(self.mounts)
        self.mounts.append(
            f"{number} 22 0:28 {shown} {escaped} rw,nosuid shared:9 - {kind} cgroup {options}\n"
        )
        (self.proc / "self/mountinfo").write_text("".join(self.mounts))
        return folder

    def usable(self, visible=64):
        return usable_cpus(self.proc, visible=visible)


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def write(folder, **files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(f"{text}\n")


def test_without_control_groups_every_cpu_may_be_used(machine):
    assert machine.usable(visible=8) == 8


def test_a_quota_of_version_2_counts(machine):
    machine.groups("0::/user.slice/job")
    top = machine.mount("sys/fs/cgroup")
    write(top / "user.slice/job", cpu__max="250000 100000")
    assert machine.usable() == 2.5


def test_no_quota_is_no_limit(machine):
    machine.groups("0::/")
    write(machine.mount("sys/fs/cgroup"), cpu__max="max 100000")
    assert machine.usable() == 64


def test_the_tightest_quota_of_all_levels_counts(machine):
    machine.groups("0::/pod/container")
    top = machine.mount("sys/fs/cgroup")
    write(top / "pod", cpu__max="100000 100000")
    write(top / "pod/container", cpu__max="400000 100000")
    assert machine.usable() == 1


def test_a_cpuset_of_version_2_counts(machine):
    machine.groups("0::/job")
    top = machine.mount("sys/fs/cgroup")
    write(top / "job", cpuset__cpus__effective="0-3,8,10-11", cpu__max="max 100000")
    assert machine.usable() == 7


def test_quota_and_cpuset_of_version_1_count(machine):
    machine.groups("4:cpuset:/a", "3:cpu,cpuacct:/a", "2:memory:/a", "0::/")
    cpu = machine.mount("cg/cpu,cpuacct", kind="cgroup", options="rw,cpu,cpuacct")
    cpuset = machine.mount("cg/cpuset", kind="cgroup", options="rw,cpuset")
    write(cpu / "a", cpu__cfs_quota_us="-1", cpu__cfs_period_us="100000")
    write(cpuset / "a", cpuset__cpus="0-5")
    assert machine.usable() == 6
    write(cpu / "a", cpu__cfs_quota_us="350000", cpu__cfs_period_us="100000")
    assert machine.usable() == 3.5


def test_a_container_is_told_a_path_that_its_mount_does_not_show(machine):
    machine.groups("3:cpu:/docker/abc")
    cpu = machine.mount("cg/cpu", kind="cgroup", options="rw,cpu", shown="/docker/abc")
    write(cpu, cpu__cfs_quota_us="200000", cpu__cfs_period_us="100000")
    assert machine.usable() == 2


def test_a_path_outside_the_mount_ends_at_the_mount(machine):
    machine.groups("0::/../../other")
    write(machine.mount("sys/fs/cgroup"), cpu__max="300000 100000")
    assert machine.usable() == 3


def test_a_mount_point_with_a_space_is_found(machine):
    machine.groups("0::/job")
    write(machine.mount("my cgroups") / "job", cpu__max="150000 100000")
    assert machine.usable() == 1.5


def test_files_of_a_strange_form_limit_nothing(machine):
    machine.groups("nonsense", "0::/job")
    write(machine.mount("sys/fs/cgroup") / "job", cpu__max="a lot", cpuset__cpus__effective="")
    assert machine.usable() == 64


def test_a_quota_beyond_the_machine_does_not_add_cpus(machine):
    machine.groups("0::/")
    write(machine.mount("sys/fs/cgroup"), cpu__max="9000000 100000")
    assert machine.usable(visible=4) == 4


def test_this_machine_lets_us_use_something():
    assert usable_cpus() > 0
