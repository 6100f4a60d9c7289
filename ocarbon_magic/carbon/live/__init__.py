"""Carbon intensities as they are now and as they are forecast, where the user turned them on.

A source (`source.py` says what one is) knows one publisher; a `feed.Feed` asks it, in a thread
of its own and no more often than it has something new; a `curve.Curve` reads what came.
"""
