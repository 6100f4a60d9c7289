import sys
from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from ocarbon_magic.meters.nvml.visible import Choice, selected, torch_uuids, visible

A = "GPU-8932f937-d72c-4106-c12f-20bd9faed9f6"
B = "GPU-89c54c32-1111-2222-3333-444455556666"
INSTANCE = "MIG-c6d4f1ef-42e4-5de3-91c7-45d71c87eb3f"


@dataclass(frozen=True)
class Card:
    index: int
    uuid: str
    name: str = "NVIDIA A100-SXM4-40GB"
    instances: tuple = ()


TWINS = (Card(0, A), Card(1, B))
MIXED = (Card(0, A, "NVIDIA GeForce GTX 1080"), Card(1, B, "NVIDIA GeForce RTX 4090"))
SPLIT = (Card(0, A), Card(1, B, instances=("MIG-0000", INSTANCE)))


def seen(gpus, value, *, order=None, used=(), framework=()):
    environ = {"CUDA_VISIBLE_DEVICES": value, "CUDA_DEVICE_ORDER": order}
    environ = {key: text for key, text in environ.items() if text is not None}
    return visible(gpus, environ, lambda: set(used), lambda: list(framework))


@pytest.mark.parametrize(
    ("value", "indices"),
    [
        (None, (0, 1)),
        ("", ()),
        ("1", (1,)),
        ("0,1", (0, 1)),
        ("1,0", (0, 1)),
        (" 1 , 0 ", (0, 1)),
        (B, (1,)),
        (f"{B},{A}", (0, 1)),
        ("GPU-89c", (1,)),
        ("GPU-89", ()),  # fits both
        ("GPU-ffff", ()),
        ("0,7,1", (0,)),
        ("0,-1,1", (0,)),
        ("-1", ()),
        ("7", ()),
        ("0,0", ()),  # a repeat hides all
        (f"{A},{A}", ()),
        ("1gpu", (1,)),  # only the number is read
        ("none", ()),
        (f"{B},nonsense,{A}", (1,)),
    ],
)
def test_every_form_of_the_variable_means_what_it_means_to_cuda(value, indices):
    assert seen(TWINS, value) == Choice(indices)


@pytest.mark.parametrize("value", [INSTANCE, INSTANCE[:12], f"MIG-{B}/3/0", f"MIG-{B}/1/0,{A}"])
def test_a_mig_name_means_its_gpu(value):
    assert 1 in seen(SPLIT, value).indices


@pytest.mark.parametrize("value", [INSTANCE, f"MIG-{B}/3/0"])
def test_a_mig_name_means_its_gpu_alone(value):
    assert seen(SPLIT, value) == Choice((1,))


def test_a_mig_name_that_nvml_will_not_list_means_all_and_says_so():
    choice = seen(TWINS, INSTANCE)

    assert choice.indices == (0, 1)
    assert INSTANCE in choice.note


def test_a_mig_name_on_the_only_gpu_means_that():
    assert seen(TWINS[:1], INSTANCE) == Choice((0,))


def test_numbers_on_mixed_cards_are_nvmls_when_cuda_counts_by_bus():
    assert seen(MIXED, "1", order="PCI_BUS_ID") == Choice((1,))


def test_numbers_on_mixed_cards_are_settled_by_where_the_process_is():
    assert seen(MIXED, "0", used={1}) == Choice((1,))


def test_numbers_on_mixed_cards_mean_all_when_nothing_settles_them():
    choice = seen(MIXED, "0")

    assert choice.indices == (0, 1)
    assert "PCI_BUS_ID" in choice.note


def test_numbers_of_all_mixed_cards_need_nothing_to_settle_them():
    assert seen(MIXED, "1,0") == Choice((0, 1))


def test_a_variable_changed_after_cuda_had_started_does_not_fool():
    assert seen(TWINS, "1", used={0}) == Choice((0,))


def test_a_process_that_has_used_one_of_its_gpus_so_far_may_use_all_of_them():
    three = (*TWINS, Card(2, "GPU-77"))

    assert seen(three, "0,2", used={2}) == Choice((0, 2))


def test_a_running_framework_is_believed_first():
    assert seen(TWINS, "0", framework=[B.removeprefix("GPU-")]) == Choice((1,))
    assert seen(SPLIT, "0", framework=[INSTANCE.removeprefix("MIG-")]) == Choice((1,))


def test_a_framework_on_other_makers_gpus_is_not_believed():
    assert seen(TWINS, "0", framework=["deadbeef"]) == Choice((0,))


@pytest.mark.parametrize(
    ("selection", "indices"),
    [
        ("0", (0,)),
        ("1, 0", (0, 1)),
        ("1,1", (1,)),
        (B, (1,)),
        (B.upper(), (1,)),
        ("GPU-89c", (1,)),
        (f"0,{B}", (0, 1)),
        (INSTANCE, (1,)),
        (f"MIG-{B}/3/0", (1,)),
    ],
)
def test_a_selection_by_hand_takes_numbers_uuids_prefixes_and_mig_names(selection, indices):
    assert selected(SPLIT, selection) == Choice(indices)


@pytest.mark.parametrize("selection", ["2", "-1", "", "GPU-89", "GPU-ffff", "A100", "0,9"])
def test_a_selection_that_names_no_single_gpu_says_which_there_are(selection):
    with pytest.raises(ValueError, match=f"of the GPUs here: 0 .*{A}.*1 .*{B}"):
        selected(TWINS, selection)


def fake_torch(*, initialised=True, uuids=(A,)):
    def properties(index):
        return SimpleNamespace(uuid=uuids[index])

    return SimpleNamespace(
        cuda=SimpleNamespace(
            is_initialized=lambda: initialised,
            device_count=lambda: len(uuids),
            get_device_properties=properties,
        )
    )


def test_torch_tells_its_gpus_when_it_runs(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", fake_torch(uuids=(A, B)))

    assert torch_uuids() == [A, B]


@pytest.mark.parametrize(
    "torch",
    [
        fake_torch(initialised=False),
        SimpleNamespace(),  # half imported
        SimpleNamespace(cuda=SimpleNamespace(is_initialized=lambda: 1 / 0)),
    ],
)
def test_torch_that_does_not_run_on_a_gpu_tells_nothing(monkeypatch, torch):
    monkeypatch.setitem(sys.modules, "torch", torch)

    assert torch_uuids() == []


def test_torch_is_not_imported_to_ask_it(monkeypatch):
    monkeypatch.delitem(sys.modules, "torch", raising=False)

    assert torch_uuids() == []
    assert "torch" not in sys.modules
