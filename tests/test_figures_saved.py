"""Figures for print, saved and shown: what a file keeps, and what drawing leaves alone."""

from __future__ import annotations

import gzip
import io
import xml.etree.ElementTree as ET

import matplotlib as mpl
import pytest
from PIL import Image
from plots import SUBSCRIPT, halfway, isolated, saved
from sample_runs import projection, sample

from ocarbon_magic.run import Work


def texts_of(svg):
    root = ET.fromstring(svg)
    return ["".join(e.itertext()) for e in root.iter() if e.tag.endswith("}text")]


@pytest.mark.parametrize("width_in", [3.5, 7.2])
def test_svg_keeps_text_as_text_and_nothing_is_rasterised(width_in):
    svg = saved(halfway(budget_g=1.4).plot(law=True, width_in=width_in), "svg").decode()
    said = " ".join(texts_of(svg))
    for words in ("Power (W)", "Time (min)", f"emissions (g{SUBSCRIPT})", "fitted f(t)"):
        assert words in said
    assert "<image" not in svg
    assert f'width="{width_in * 72:g}pt"' in svg
    assert "<title>train_resnet</title>" in svg


def test_svgz_is_the_same_zipped(tmp_path):
    sample().plot(path=tmp_path / "run.svgz")
    assert b"Power (W)" in gzip.decompress((tmp_path / "run.svgz").read_bytes())


def test_pdf_embeds_fonts_as_type_42_and_says_what_it_shows():
    pdf = saved(halfway().plot(), "pdf")
    assert b"/FontFile2" in pdf
    assert b"/Type3" not in pdf
    assert b"/Subtype /Image" not in pdf
    assert b"/Title (train_resnet)" in pdf


def test_eps_has_neither_transparency_nor_type_3_fonts():
    eps = saved(halfway(budget_g=1.4).plot(law=True), "eps")
    assert b"/FontType 42" in eps
    assert b"/FontType 3" not in eps
    assert b"colorimage" not in eps


def test_png_is_fit_for_print_and_described(tmp_path):
    halfway().plot(width_in=3.5, path=tmp_path / "run.png")
    with Image.open(tmp_path / "run.png") as image:
        assert image.width == 3.5 * 300
        assert image.text["Title"] == "train_resnet"
        assert "projected 1.52 gCO2e" in image.text["Description"]


def test_metadata_of_the_users_is_kept_beside_ours():
    file = io.BytesIO()
    sample().plot().savefig(file, format="png", metadata={"Author": "A. Author"}, dpi=50)
    with Image.open(file) as image:
        assert (image.text["Author"], image.text["Title"]) == ("A. Author", "train_resnet")
        assert image.width == 7.2 * 50


@pytest.mark.parametrize("form", ["jpg", "webp", "tif"])
def test_formats_without_a_place_for_words_are_saved_too(form):
    assert saved(sample().plot("power"), form)


def test_a_notebook_shows_the_picture_with_its_words():
    figure = halfway().plot()
    data, metadata = figure._repr_mimebundle_()
    assert set(data) == {"image/png", "text/plain"}
    with Image.open(io.BytesIO(data["image/png"])) as image:
        shown = metadata["image/png"]
        assert image.width == 2 * shown["width"] == 1440
    assert shown["alt"] == data["text/plain"] == figure.description
    assert figure.description.startswith("train_resnet: power between 81.1 W and 310 W")


def test_the_users_own_settings_change_nothing():
    plain = saved(sample().plot(width_in=3.5), "png")
    with mpl.rc_context({"text.color": "white", "savefig.bbox": "tight", "font.size": 20}):
        figure = sample().plot(width_in=3.5)
    assert saved(figure, "png") == plain
    with mpl.rc_context({"text.usetex": True, "axes.facecolor": "black", "xtick.labelsize": 20}):
        assert saved(figure, "png") == plain


def test_drawing_leaves_pyplot_and_the_settings_alone():
    done = isolated(
        "import sys, io, matplotlib\n"
        "settings = lambda: {k: matplotlib.rcParams[k] for k in matplotlib.rcParams"
        " if k != 'backend'}\n"
        "before = settings()\n"
        "from plots import halfway\n"
        "from ocarbon_magic import Runs\n"
        "halfway().plot().savefig(io.BytesIO())\n"
        "halfway().plot()._repr_mimebundle_()\n"
        "Runs([halfway()]).plot().savefig(io.BytesIO())\n"
        "assert settings() == before\n"
        "print('matplotlib.pyplot' in sys.modules)"
    )
    assert done.stdout.strip() == "False", done.stderr


def test_projections_of_the_record_are_drawn_as_they_come_back_from_json():
    run = sample(status="failed", work=Work(100.0, 2000.0, "step"), projection=projection())
    again = type(run).from_dict(run.to_dict())
    assert saved(again.plot("emissions"), "svg").count(b"<path") > 10
