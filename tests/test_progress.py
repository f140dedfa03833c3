"""The progress bar, drawn to a file that says it is a terminal."""

import io
import os
import signal
import time

import pytest
from brian2 import Network, NeuronGroup, ms, network_operation, second, set_device

import spikeplast


class Terminal(io.StringIO):
    def isatty(self):
        return True


def network(act=lambda t: None):
    cells = NeuronGroup(1, "v : 1", name="cells")

    @network_operation(dt=10 * ms)
    def operation(t):
        act(t)

    return Network(cells, operation)


def drawn(file):
    """What stood in the line, one after another."""
    return [line.strip() for line in file.getvalue().split("\r") if line.strip()]


@pytest.mark.parametrize("device", ["numba", "runtime"])
def test_bar_from_begin_to_end(device):
    set_device(device)
    terminal = Terminal()
    bar = spikeplast.ProgressBar("learning", file=terminal)
    net = network(lambda t: time.sleep(0.06))
    for _ in range(2):
        terminal.seek(0)
        terminal.truncate()
        # Brian 2's own device knows no other period than this one.
        net.run(100 * ms, report=bar, report_period=10 * second if device == "numba" else 50 * ms)
        lines = drawn(terminal)
        assert lines[0].startswith("learning:   0%") and "0/0.1 s" in lines[0]
        assert lines[-1].startswith("learning: 100%") and "0.1/0.1 s" in lines[-1]
        percents = [int(line[10:13]) for line in lines]
        assert percents == sorted(percents) and set(percents) - {0, 100}
        assert terminal.getvalue().endswith("\n")


def test_nothing_is_drawn_where_nobody_looks():
    set_device("numba")
    file = io.StringIO()
    network().run(10 * ms, report=spikeplast.ProgressBar(file=file))
    assert file.getvalue() == ""


def fail_late(t):
    if t >= 50 * ms:
        raise ZeroDivisionError


def test_an_error_leaves_the_bar_where_it_was():
    set_device("numba")
    terminal = Terminal()
    with pytest.raises(ZeroDivisionError):
        network(fail_late).run(100 * ms, report=spikeplast.ProgressBar(file=terminal))
    assert terminal.getvalue().endswith("\n") and "100%" not in terminal.getvalue()


def test_an_error_on_brian_2_s_own_device():
    terminal = Terminal()
    with pytest.raises(ZeroDivisionError), spikeplast.ProgressBar(file=terminal) as bar:
        network(fail_late).run(100 * ms, report=bar)
    assert terminal.getvalue().endswith("\n") and "100%" not in terminal.getvalue()


@pytest.mark.parametrize("device", ["numba", "runtime"])
def test_control_c(device):
    set_device(device)
    terminal = Terminal()
    network(lambda t: os.kill(os.getpid(), signal.SIGINT) if t >= 50 * ms else None).run(
        100 * ms, report=spikeplast.ProgressBar(file=terminal)
    )
    lines = drawn(terminal)
    assert lines[-1].startswith("50%") and terminal.getvalue().endswith("\n")


def test_a_run_after_one_that_failed_has_a_bar_of_its_own():
    terminal = Terminal()
    bar = spikeplast.ProgressBar(file=terminal)
    net = network(fail_late)
    with pytest.raises(ZeroDivisionError):
        net.run(100 * ms, report=bar, report_period=0 * ms)
    network().run(20 * ms, report=bar)
    assert "0.02/0.02 s" in drawn(terminal)[-1]


def test_the_duration_is_not_the_bar_s():
    with pytest.raises(TypeError, match="description"):
        spikeplast.ProgressBar(10 * second)
