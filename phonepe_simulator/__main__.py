"""python -m phonepe_simulator"""

from phonepe_simulator.command_line import main

if __name__ == "__main__":
    raise SystemExit(main())
