"""Which engines `--cluster` means: those of a view, a client or a cluster of the user's."""

from __future__ import annotations

import sys
import weakref
from typing import TYPE_CHECKING, Any, NamedTuple

from ocarbon_magic.cluster.engines import EngineFleet
from ocarbon_magic.cluster.unmeasured import active_view
from ocarbon_magic.options import OptionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ocarbon_magic.config import Settings

_CONNECT = "`rc = ipyparallel.Cluster(n=4).start_and_connect_sync()`"

_connected: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()
"""Clients of our own, by the cluster whose own client nobody named."""


class Engines(NamedTuple):
    """The engines that are meant.

    Attributes
    ----------
    client : ipyparallel.Client
    targets : list of int or None
        None for all.
    is_users : bool
        Whether the user gives tasks through this client.
    """

    client: Any
    targets: list[int] | None
    is_users: bool = True


def fleet_of(settings: Settings, namespace: Mapping[str, object], shell: Any) -> EngineFleet:  # noqa: ANN401 - a shell, or None
    """Return the fleet that the option ``cluster`` of ``settings`` names.

    Parameters
    ----------
    settings : Settings
    namespace : mapping
        The user's names.
    shell : InteractiveShell or None
        Whose magics may hold a view.

    Raises
    ------
    OptionError
        If there are no engines, or it is not clear which are meant.
    """
    engines = _meant(settings.cluster, namespace, shell)
    if engines.client._closed:  # noqa: SLF001 - not told elsewhere
        raise OptionError("--cluster: the client is closed: connect a new one.")
    if not engines.client.ids:
        raise OptionError("--cluster: no engine is there yet: start some, or wait for them.")
    return EngineFleet(engines.client, engines.targets, settings, is_users=engines.is_users)


def _meant(asked: object, namespace: Mapping[str, object], shell: Any) -> Engines:  # noqa: ANN401 - as above
    if "ipyparallel" not in sys.modules:
        _explain()
    if isinstance(asked, str):
        if asked not in namespace:
            raise OptionError(f"--cluster {asked}: there is no variable of this name.")
        return _engines_of(namespace[asked], f"--cluster {asked}", namespace, shell)
    if asked is not True:
        return _engines_of(asked, "cluster", namespace, shell)
    view = active_view(shell)
    if view is not None and not view.client._closed:  # noqa: SLF001 - not told elsewhere
        return Engines(view.client, _targets(view))
    return _only(namespace, shell)


def _explain() -> None:
    """Say what is missing where nobody has loaded ipyparallel.

    Raises
    ------
    OptionError
        Always.
    """
    from importlib.util import find_spec  # noqa: PLC0415 - for someone who lacks it

    if find_spec("ipyparallel") is None:
        raise OptionError("--cluster needs ipyparallel: pip install 'ocarbon_magic[cluster]'.")
    raise OptionError(f"--cluster finds no engines: connect a client first, as {_CONNECT} does.")


def _only(namespace: Mapping[str, object], shell: Any) -> Engines:  # noqa: ANN401 - as above
    """Return the engines of the one client among the user's names."""
    names = [name for name, value in namespace.items() if name[:1] != "_" and _kind(value)]
    found = {name: _engines_of(namespace[name], name, namespace, shell) for name in names}
    clients = {id(engines.client): engines.client for engines in found.values()}
    if not clients:
        _explain()
    if len(clients) > 1:
        several = ", ".join(sorted(found)[:5])
        raise OptionError(f"--cluster finds several clients: name one ({several}).")
    (client,) = clients.values()
    if len(found) == 1:
        return next(iter(found.values()))
    return Engines(client, None)


def _kind(value: object) -> str | None:
    """Return whether a value is a client, a view or a cluster; None for everything else."""
    ipyparallel: Any = sys.modules["ipyparallel"]
    for kind, cls in (
        ("client", ipyparallel.Client),
        ("view", ipyparallel.client.view.View),
        ("cluster", ipyparallel.Cluster),
    ):
        if isinstance(value, cls):
            return str(kind)
    return None


def _engines_of(value: Any, label: str, namespace: Mapping[str, object], shell: Any) -> Engines:  # noqa: ANN401 - the user's own
    kind = _kind(value)
    if kind == "client":
        return Engines(value, None)
    if kind == "view":
        return Engines(value.client, _targets(value))
    if kind == "cluster":
        return _engines_of_cluster(value, label, [*namespace.values(), active_view(shell)])
    raise OptionError(
        f"{label} must be an ipyparallel client, cluster or view, not {type(value).__name__}."
    )


def _engines_of_cluster(cluster: Any, label: str, values: Iterable[Any]) -> Engines:  # noqa: ANN401 - a Cluster
    for value in values:
        client = value.client if _kind(value) == "view" else value
        if _kind(client) == "client" and client.cluster is cluster and not client._closed:  # noqa: SLF001 - not told elsewhere
            return Engines(client, None)
    client = _connected.get(cluster)
    if client is None or client._closed:  # noqa: SLF001 - as above
        if getattr(cluster, "controller", None) is None:
            raise OptionError(f"{label}: the cluster is not started: call start_cluster_sync().")
        client = _connected[cluster] = cluster.connect_client_sync()
        client.wait_for_engines(1, timeout=5, interactive=False)
    return Engines(client, None, is_users=False)


def _targets(view: Any) -> list[int] | None:  # noqa: ANN401 - a View
    """Return the engines of a view; None for all that there are at any time."""
    targets = view.targets
    if targets is None or targets == "all":
        return None
    return [targets] if isinstance(targets, int) else [int(target) for target in targets]
