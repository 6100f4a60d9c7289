"""What a report cites: the sources that records name, as works with authors and titles."""

from __future__ import annotations

import re
import unicodedata
import zlib
from dataclasses import dataclass

from ocarbon_magic.views.words import clean


@dataclass(frozen=True, slots=True)
class Source:
    """A work that is cited.

    Attributes
    ----------
    key : str
        What the work is called in LaTeX: ASCII letters, digits and hyphens.
    authors : tuple of str
        People, or one body.
    title : str
    year : str
        Empty where it is not known.
    where : str
        Where it is found: an arXiv identifier, a web address, or nothing.
    note : str
    body : bool
        Whether the author is a body, whose name is not taken apart.
    """

    key: str
    authors: tuple[str, ...]
    title: str
    year: str = ""
    where: str = ""
    note: str = ""
    body: bool = False

    @property
    def arxiv(self) -> str | None:
        """The arXiv identifier, None for what is elsewhere."""
        return self.where.removeprefix("arXiv:") if self.where.startswith("arXiv:") else None


OPENCARBONEVAL = Source(
    "opencarboneval",
    ("Zhaojian Yu", "Yinghao Wu", "Zhuotao Deng", "Yansong Tang", "Xiao-Ping Zhang"),
    "OpenCarbonEval: A Unified Carbon Emission Estimation Framework in Large-Scale AI Models",
    "2024",
    "arXiv:2405.12843",
)

_KNOWN = {
    "Ember": Source(
        "ember-owid",
        ("Ember and Our World in Data",),
        "Carbon intensity of electricity generation",
        where="https://ourworldindata.org/grapher/carbon-intensity-electricity",
        note="CC BY 4.0",
        body=True,
    ),
    "EPA eGRID": Source(
        "epa-egrid",
        ("United States Environmental Protection Agency",),
        "Emissions and Generation Resource Integrated Database (eGRID)",
        where="https://www.epa.gov/egrid",
        body=True,
    ),
    "EPA GHG Emission Factors Hub": Source(
        "epa-factors",
        ("United States Environmental Protection Agency",),
        "GHG Emission Factors Hub",
        where="https://www.epa.gov/climateleadership/ghg-emission-factors-hub",
        body=True,
    ),
    "Canada National Inventory Report": Source(
        "canada-nir",
        ("Environment and Climate Change Canada",),
        "National Inventory Report: Greenhouse Gas Sources and Sinks in Canada",
        body=True,
    ),
    "Australian National Greenhouse Accounts": Source(
        "australia-nga",
        ("Commonwealth of Australia",),
        "Australian National Greenhouse Accounts Factors",
        body=True,
    ),
    "Google region-carbon-info": Source(
        "google-regions",
        ("Google LLC",),
        "Carbon characteristics of Google Cloud regions",
        where="https://github.com/GoogleCloudPlatform/region-carbon-info",
        body=True,
    ),
    "Electricity Maps": Source(
        "electricity-maps",
        ("Electricity Maps",),
        "Carbon intensity of electricity, API v3",
        where="https://www.electricitymaps.com",
        body=True,
    ),
    "Carbon Intensity API of Great Britain": Source(
        "gb-carbon-intensity",
        ("National Energy System Operator",),
        "Carbon Intensity API of Great Britain",
        where="https://carbonintensity.org.uk",
        note="CC BY 4.0",
        body=True,
    ),
    "ENTSO-E": Source(
        "entsoe-transparency",
        ("ENTSO-E",),
        "Transparency Platform: actual generation per production type",
        where="https://transparency.entsoe.eu",
        note="Weighed with the lifecycle medians of IPCC AR5, Working Group III, Annex III (2014)",
        body=True,
    ),
    "WattTime": Source(
        "watttime",
        ("WattTime",),
        "Average operating emissions rate, API v3",
        where="https://watttime.org",
        body=True,
    ),
    "Falk et al. 2025": Source(
        "falk2025",
        (
            "Sophia Falk",
            "David Ekchajzer",
            "Thibault Pirson",
            "Etienne Lees-Perasso",
            "Augustin Wattiez",
            "Lisa Biber-Freudenberger",
            "Sasha Luccioni",
            "Aimee van Wynsberghe",
        ),
        "More than Carbon: Cradle-to-Grave environmental impacts of GenAI training on the "
        "Nvidia A100 GPU",
        "2025",
        "arXiv:2509.00093",
    ),
    "Luccioni et al. 2022": Source(
        "luccioni2022",
        ("Alexandra Sasha Luccioni", "Sylvain Viguier", "Anne-Laure Ligozat"),
        "Estimating the Carbon Footprint of BLOOM, a 176B Parameter Language Model",
        "2022",
        "arXiv:2211.02001",
    ),
    "NVIDIA HGX H100": Source(
        "nvidia-h100-pcf",
        ("NVIDIA",),
        "HGX H100 Product Carbon Footprint Summary",
        "2025",
        body=True,
    ),
    "NVIDIA HGX B200": Source(
        "nvidia-b200-pcf",
        ("NVIDIA",),
        "HGX B200 Product Carbon Footprint Summary",
        "2025",
        body=True,
    ),
    "Cloud Carbon Footprint": Source(
        "cloud-carbon-footprint",
        ("Thoughtworks",),
        "Cloud Carbon Footprint: Methodology",
        where="https://www.cloudcarbonfootprint.org/docs/methodology",
        body=True,
    ),
    "EcoInfo": Source("ecodiag", ("EcoInfo (CNRS)",), "EcoDiag", body=True),
}
"""By how a record's source begins."""

_BY_HAND = "given"
_LONGEST = 400


def source_of(named: str) -> Source | None:
    """Return the work that a record names as its source, None for what was given by hand.

    A source that is not known here is cited by its own words.
    """
    text = clean(named, _LONGEST)
    if not text or text.startswith(_BY_HAND):
        return None
    for beginning, source in _KNOWN.items():
        if text.startswith(beginning):
            return source
    return Source(_key(text), (), text)


def tool(version: str) -> Source:
    """Return how this software is cited."""
    return Source(
        "ocarbon-magic",
        ("The ocarbon_magic developers",),
        "ocarbon_magic: measured power and CO2e of training cells",
        note=f"Version {clean(version, 40)}" if version else "",
        body=True,
    )


def _key(text: str) -> str:
    """Return a key for a source known by its words only."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", ascii_text.lower())[:3]
    return "-".join([*words, f"{zlib.crc32(text.encode('utf-8', 'replace')):08x}"])
