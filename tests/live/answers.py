"""Answers in the form of each publisher's, for a moment that tests take as the present."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from loopback import as_json

HOUR_S = 3600.0


def iso(moment_s, form="%Y-%m-%dT%H:%M:%S.000Z"):
    return datetime.fromtimestamp(moment_s, UTC).strftime(form)


def hours_of(moment_s):
    """Return the start of the hour of a moment."""
    return moment_s // HOUR_S * HOUR_S


def electricity_maps(now_s, *, zone="FR", history=(), latest=50, ahead=(), estimated=False):
    """Return the replies of a server: ``history`` hours before ``latest``, ``ahead`` after it."""
    hour_s = hours_of(now_s)

    def entry(start_s, amount, **more):
        return {"zone": zone, "carbonIntensity": amount, "datetime": iso(start_s), **more}

    def told(start_s, amount):
        how = {"isEstimated": estimated, "estimationMethod": "TIME_SLICER_AVERAGE" * estimated}
        about = {"emissionFactorType": "lifecycle", "updatedAt": iso(now_s)}
        return entry(start_s, amount, **about, **how)

    past = [told(hour_s - HOUR_S * (len(history) - i), amount) for i, amount in enumerate(history)]
    future = [entry(hour_s + HOUR_S * i, amount) for i, amount in enumerate(ahead)]
    path = "/v3/carbon-intensity/"
    return {
        path + "latest": as_json(told(hour_s, latest) | {"temporalGranularity": "hourly"}),
        path + "history": as_json(
            {
                "zone": zone,
                "history": [*past, told(hour_s, latest)],
                "temporalGranularity": "hourly",
            }
        ),
        path + "forecast": as_json({"zone": zone, "forecast": future, "updatedAt": iso(now_s)}),
    }


def great_britain(since_s, actual, forecast):
    """Return half hours from ``since_s`` on; None where the actual value is not known."""
    half = timedelta(minutes=30)
    start = datetime.fromtimestamp(since_s // 1800 * 1800, UTC)
    form = "%Y-%m-%dT%H:%MZ"
    return [
        {
            "from": (start + i * half).strftime(form),
            "to": (start + (i + 1) * half).strftime(form),
            "intensity": {"forecast": guess, "actual": known, "index": "low"},
        }
        for i, (known, guess) in enumerate(zip(actual, forecast, strict=True))
    ]


def entsoe_period(start_s, minutes, points, *, count=None):
    """Return a period; ``points`` are megawatts by position."""
    listed = points if isinstance(points, dict) else dict(enumerate(points, 1))
    end_s = start_s + 60 * minutes * (count or len(listed))
    form = "%Y-%m-%dT%H:%MZ"
    body = "".join(
        f"<Point><position>{position}</position><quantity>{mw}</quantity></Point>"
        for position, mw in listed.items()
    )
    return (
        f"<Period><timeInterval><start>{iso(start_s, form)}</start><end>{iso(end_s, form)}</end>"
        f"</timeInterval><resolution>PT{minutes}M</resolution>{body}</Period>"
    )


def entsoe_series(kind, periods, *, curve="A01", domain="in", unit="MAW"):
    return (
        f"<TimeSeries><mRID>1</mRID><businessType>A01</businessType>"
        f'<{domain}BiddingZone_Domain.mRID codingScheme="A01">10YFR-RTE------C'
        f"</{domain}BiddingZone_Domain.mRID>"
        f"<quantity_Measure_Unit.name>{unit}</quantity_Measure_Unit.name>"
        f"<curveType>{curve}</curveType><MktPSRType><psrType>{kind}</psrType></MktPSRType>"
        f"{periods}</TimeSeries>"
    )


def entsoe_document(*series):
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<GL_MarketDocument xmlns='
        '"urn:iec62325.351:tc57wg16:451-6:generationloaddocument:3:0"><mRID>x</mRID>'
        f"<type>A75</type>{''.join(series)}</GL_MarketDocument>"
    ).encode()


def entsoe_nothing(reason="No matching data found"):
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Acknowledgement_MarketDocument xmlns='
        '"urn:iec62325.351:tc57wg16:451-1:acknowledgementdocument:7:0"><Reason><code>999</code>'
        f"<text>{reason}</text></Reason></Acknowledgement_MarketDocument>"
    ).encode()


def watttime(signal, start_s, values, *, step_s=300, units="lbs_co2_per_mwh"):
    data = [
        {"point_time": iso(start_s + step_s * i, "%Y-%m-%dT%H:%M:%S+00:00"), "value": value}
        for i, value in enumerate(values)
    ]
    meta = {
        "data_point_period_seconds": step_s,
        "region": "CAISO_NORTH",
        "signal_type": signal,
        "units": units,
        "model": {"date": "2026-01-01"},
    }
    return as_json({"data": data, "meta": meta})
