"""The parts of Python's syntax that counting loops turns on."""

import ast

Loop = ast.For | ast.AsyncFor | ast.While
Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda
"""What has names, loops and jumps of its own."""
