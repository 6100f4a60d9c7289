"""A run on many machines, through ipyparallel: the engines measure and count for it.

The kernel's side: `finding` looks for the client, `engines` is the `Fleet` of a run, `link` sends
to the engines and hears of them, and `coordinator` adds up what they say, knowing nothing of
ipyparallel. The engines' side: `agent` begins and ends in the engine's main thread, and its
`reporter` measures what `holding` has got by `locks`.
"""
