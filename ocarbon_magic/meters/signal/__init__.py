"""What a counter that moves in steps and a power that is sampled say of the energy: no I/O."""
