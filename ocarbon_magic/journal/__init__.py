"""What is kept of runs, and what is written of them for others to read.

A run stands in the journal from its beginning, is written again every few seconds while it goes
on, and once more at its end. The journal is a SQLite file for each person in the data folder of
the user, or in the one that ``OCARBON_HOME`` names: one row for each run with what is filtered and
added up (with the person, the machine, the project and the notebook, which stand nowhere else),
and its record as JSON. Nothing leaves the machine.

`keeping` takes a run from its measurement, `writer` is the thread that writes, `rows` and
`schema` say what; `pending` holds runs while the file cannot be written, `mending` saves what
is left of a damaged one. `reading` finds the journals of a folder, `shelf` shows them as one
list, `access` and `queries` ask one file; `process` tells whether a run still goes on.

Several kernels write one file: SQLite's write-ahead log, in memory that they share, keeps them
apart. That needs a disk of the machine. On a file system of several machines (NFS, CIFS, Lustre
and the like, told by its type) every machine therefore writes a file of its own, with a rollback
journal in place of the log; all are read together. Safe there: runs on many machines at once, and
several kernels on each, where the file system's locks work. Not safe: a folder that is copied or
synchronised while runs go on, a file whose locks are turned off (``nolock``), and one journal
that two machines with the same name write.
"""
