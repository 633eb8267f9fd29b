"""What is measured, and against what. `python -m bench` runs all; `python -m bench e2e` one.

Every figure stands beside a floor or a peer from the same run, because seconds alone say more about the machine than
about us. Raw samples go to `bench/results/` as JSON with machine and versions.
"""
