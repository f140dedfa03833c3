"""The verification of neuron models: its quick variant, its verdicts, what it writes."""

import numpy as np
import pytest

from experiments.common.devices import use_device
from experiments.verification import neurons
from experiments.verification.section import failures


@pytest.mark.parametrize("name", list(neurons.PARTS))
def test_the_quick_variant_is_right_and_its_figure_labelled(name):
    # Compiling would take longer than these short runs.
    use_device("numpy")
    part = neurons.PARTS[name]
    result = part.measure(quick=True)
    rows = part.rows(result)
    assert len(rows) >= 2
    assert failures(rows) == []
    axes = part.figure(result).axes
    assert all(ax.get_title() or ax.get_xlabel() for ax in axes if ax.has_data())


# Six minutes: much of it is compiling networks of many different cells.
@pytest.mark.slow
def test_the_whole_command(tmp_path):
    assert neurons.main(["--output", str(tmp_path)]) == 0
    assert np.all([(tmp_path / f"{name}.png").exists() for name in neurons.PARTS])
