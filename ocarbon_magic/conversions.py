"""What one unit is of another."""

FLOP_PER_TFLOP = 1e12
J_PER_KWH = 3.6e6
S_PER_H = 3600.0
W_PER_KW = 1000.0
KG_PER_LB = 0.45359237
