"""Diehl and Cook's network as one Numba loop.

The synapses of an input lie together by their delay, so that a spike visits, in each of the next
steps, those at which it arrives. The trace of a synapse is the age of its last arrival. A pixel's
spikes are drawn by waiting times.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.loop import compiled
from benchmarks.workload import SpikeList
from benchmarks.workloads.digits.network import DigitsNetwork, Draw, slices, spikes_of
from models.diehl_cook_2015 import DiehlCookParameters

NEVER = -1_000_000
TABLE = 2048
"""Steps after which a trace no longer changes a weight in double precision."""


class Constants(NamedTuple):
    """The model's parameters in SI units and steps; `decay` is the trace r1 by its age."""

    n_delays: int
    image_steps: int
    presentation_steps: int
    p_per_level: float
    start_intensity: float
    intensity_step: float
    min_spikes: float
    max_repeats: float
    refractory_e: int
    lock_out: int
    refractory_i: int
    rates_e: tuple[float, float, float, float]
    rates_i: tuple[float, float, float]
    v_e: tuple[float, float, float, float, float]
    v_i: tuple[float, float, float, float, float]
    theta_plus: float
    w_exc_inh: float
    w_inh_exc: float
    w_max: float
    w_total: float
    a_plus: float
    a_minus: float
    keep_o1: float
    keep_o2: float
    decay: NDArray[np.float64]

    @classmethod
    def of(cls, p: DiehlCookParameters) -> Constants:
        dt = float(p.dt)
        e, i, rule = p.excitatory, p.inhibitory, p.rule

        def steps(time: object) -> int:
            return round(float(time) / dt)  # type: ignore[arg-type]

        def euler(tau: object) -> float:
            return dt / float(tau)  # type: ignore[arg-type]

        return cls(
            n_delays=steps(p.max_delay) + 1,
            image_steps=steps(p.image_time),
            presentation_steps=steps(p.presentation),
            p_per_level=float(p.rate_per_level) * dt,
            start_intensity=p.start_intensity,
            intensity_step=p.intensity_step,
            min_spikes=p.min_spikes,
            max_repeats=p.max_repeats,
            refractory_e=steps(e.refractory),
            lock_out=steps(e.lock_out),
            refractory_i=steps(i.refractory),
            rates_e=tuple(map(euler, (e.tau_m, e.tau_e, e.tau_i, e.tau_theta))),  # type: ignore
            rates_i=tuple(map(euler, (i.tau_m, i.tau_e, i.tau_i))),  # type: ignore
            v_e=tuple(
                map(float, (e.v_rest, e.v_reset, e.E_e, e.E_i, e.v_threshold - e.theta_offset))
            ),  # type: ignore
            v_i=tuple(map(float, (i.v_rest, i.v_reset, i.E_e, i.E_i, i.v_threshold))),  # type: ignore
            theta_plus=float(e.theta_plus),
            w_exc_inh=p.w_exc_inh,
            w_inh_exc=p.w_inh_exc,
            w_max=p.w_max,
            w_total=p.w_total,
            a_plus=rule.A_plus,
            a_minus=rule.A_minus,
            keep_o1=float(np.exp(-dt / float(rule.tau_minus))),
            keep_o2=float(np.exp(-dt / float(rule.tau_y))),
            decay=np.exp(-np.arange(TABLE) * dt / float(rule.tau_plus)),
        )


class Wiring(NamedTuple):
    """Synapses by input and delay: `start[i*n_delays + d]` is the first of input i with delay d.

    `target` (n_synapses,); `place` (n_inputs, n_neurons), where the synapse of a pair lies.
    """

    start: np.ndarray
    target: np.ndarray
    place: np.ndarray

    @classmethod
    def of(cls, delay_steps: np.ndarray, n_delays: int) -> Wiring:
        n_inputs, n = delay_steps.shape
        bucket = (np.arange(n_inputs)[:, None] * n_delays + delay_steps).ravel()
        order = np.argsort(bucket, kind="stable")
        counts = np.bincount(bucket, minlength=n_inputs * n_delays)
        place = np.empty(n_inputs * n, dtype=np.uint32)
        place[order] = np.arange(n_inputs * n)
        return cls(
            start=np.concatenate([[0], np.cumsum(counts)]).astype(np.uint64),
            target=(order % n).astype(np.uint32),
            place=place.reshape(n_inputs, n),
        )


class State(NamedTuple):
    """What goes on from one image to the next; `control` is intensity and repeats."""

    v_e: np.ndarray
    v_i: np.ndarray
    theta: np.ndarray
    w: np.ndarray
    control: np.ndarray


@compiled
def _draw_inputs(image, strength, c, rng):
    """Steps and pixels of an image's spikes, and where each step's begin, sorted by step."""
    n_of_step = np.zeros(c.image_steps + 1, dtype=np.int64)
    expected = strength * c.p_per_level * image.sum() * c.image_steps
    capacity = int(expected + 20 * np.sqrt(expected) + 100)
    steps = np.empty(capacity, dtype=np.int64)
    pixels = np.empty(capacity, dtype=np.int64)
    n = 0
    for i in range(image.size):
        p = strength * c.p_per_level * image[i]
        if p == 0.0:
            continue
        mean = -1 / np.log1p(-p)
        step = np.int64(rng.standard_exponential() * mean)
        while step < c.image_steps:
            steps[n] = step
            pixels[n] = i
            n_of_step[step + 1] += 1
            n += 1
            step += 1 + np.int64(rng.standard_exponential() * mean)
    first = np.cumsum(n_of_step)
    place = first.copy()
    ordered = np.empty(n, dtype=np.int64)
    for k in range(n):
        ordered[place[steps[k]]] = pixels[k]
        place[steps[k]] += 1
    return first, ordered


@compiled
def _normalise(c, wiring, w):
    n = wiring.place.shape[1]
    total = np.zeros(n)
    for k in range(w.size):
        total[wiring.target[k]] += w[k]
    for j in range(n):
        total[j] = c.w_total / (total[j] if total[j] > 0 else 1.0)
    for k in range(w.size):
        w[k] *= total[wiring.target[k]]


@compiled
def _present_one(number, first, pixels, c, wiring, state, fast, count):
    """One presentation, the `number`-th since time began; count spikes while the image is on."""
    v_e, v_i, theta, w, _ = state
    ge_e, gi_e, ge_i, gi_i, o1, o2, last_e, last_i, arrival = fast
    start, target, place = wiring
    n_inputs, n = place.shape
    to_v_e, to_ge_e, to_gi_e, to_theta = c.rates_e
    to_v_i, to_ge_i, to_gi_i = c.rates_i
    rest_e, reset_e, e_exc, e_inh, threshold_e = c.v_e
    rest_i, reset_i, i_exc, i_inh, threshold_i = c.v_i
    spiked_e = np.empty(n, dtype=np.int64)
    spiked_i = np.empty(n, dtype=np.int64)
    for local in range(c.presentation_steps):
        step = np.int32(number * c.presentation_steps + local)
        n_e = 0
        n_i = 0
        for j in range(n):
            flow = rest_e - v_e[j] + ge_e[j] * (e_exc - v_e[j]) + gi_e[j] * (e_inh - v_e[j])
            v_e[j] += to_v_e * flow if step - last_e[j] >= c.refractory_e else 0.0
            ge_e[j] -= to_ge_e * ge_e[j]
            gi_e[j] -= to_gi_e * gi_e[j]
            theta[j] -= to_theta * theta[j]
            flow = rest_i - v_i[j] + ge_i[j] * (i_exc - v_i[j]) + gi_i[j] * (i_inh - v_i[j])
            v_i[j] += to_v_i * flow if step - last_i[j] >= c.refractory_i else 0.0
            ge_i[j] -= to_ge_i * ge_i[j]
            gi_i[j] -= to_gi_i * gi_i[j]
            o1[j] *= c.keep_o1
            o2[j] *= c.keep_o2
        n_above = 0
        for j in range(n):
            n_above += (v_e[j] > threshold_e + theta[j]) | (v_i[j] > threshold_i)
        if n_above:
            for j in range(n):
                if v_e[j] > threshold_e + theta[j] and step - last_e[j] > c.lock_out:
                    spiked_e[n_e] = j
                    n_e += 1
                if v_i[j] > threshold_i and step - last_i[j] >= c.refractory_i:
                    spiked_i[n_i] = j
                    n_i += 1
        for s in range(n_e):
            ge_i[spiked_e[s]] += c.w_exc_inh
        for s in range(n_i):
            for j in range(n):
                gi_e[j] += c.w_inh_exc if j != spiked_i[s] else 0.0
        for delay in range(max(local - c.image_steps + 1, 0), min(local + 1, c.n_delays)):
            sent = local - delay
            for event in range(first[sent], first[sent + 1]):
                bucket = pixels[event] * c.n_delays + delay
                for k in range(start[bucket], start[bucket + 1]):
                    j = target[k]
                    ge_e[j] += w[k]
                    w[k] = max(w[k] - c.a_minus * o1[j], 0.0)
                    arrival[k] = step
        for s in range(n_e):
            j = spiked_e[s]
            for i in range(n_inputs):
                k = place[i, j]
                age = step - arrival[k]
                if age < TABLE:
                    w[k] = min(w[k] + c.a_plus * c.decay[age] * o2[j], c.w_max)
            o1[j] = 1.0
            o2[j] = 1.0
            v_e[j] = reset_e
            theta[j] += c.theta_plus
            last_e[j] = step
            if local < c.image_steps:
                count[j] += 1
        for s in range(n_i):
            v_i[spiked_i[s]] = reset_i
            last_i[spiked_i[s]] = step


@compiled
def _present(images, counts, c, wiring, state, rng, given_first, given_pixels):
    """Show as many presentations as `counts` has rows; an image too weak is shown again."""
    n = counts.shape[1]
    fast = (
        np.zeros(n),
        np.zeros(n),
        np.zeros(n),
        np.zeros(n),
        np.zeros(n),
        np.zeros(n),
        np.full(n, NEVER, dtype=np.int32),
        np.full(n, NEVER, dtype=np.int32),
        np.full(state.w.size, NEVER, dtype=np.int32),
    )
    image = 0
    for number in range(counts.shape[0]):
        intensity, repeats = state.control
        _normalise(c, wiring, state.w)
        if given_first.shape[0]:
            first, pixels = given_first[number], given_pixels
        else:
            first, pixels = _draw_inputs(images[image], intensity, c, rng)
        _present_one(number, first, pixels, c, wiring, state, fast, counts[number])
        if counts[number].sum() >= c.min_spikes or repeats >= c.max_repeats:
            image += 1
            state.control[0] = c.start_intensity
            state.control[1] = 0
        else:
            state.control[0] += c.intensity_step
            state.control[1] += 1


class DigitsLoop:
    """The loop over the arrays of `Draw`, for the same images in the same order.

    `given` are input spikes of one run of at most `SLICE` images, steps counted from its start.
    """

    def __init__(self, network: DigitsNetwork, drawn: Draw, given: SpikeList | None = None):
        p = network.parameters
        n_inputs, n = drawn.w.shape
        self._constants = c = Constants.of(p)
        # As the model draws them, after the weights.
        rng = np.random.default_rng(drawn.seed)
        rng.random(n_inputs * n)
        delays = rng.random(n_inputs * n) * float(p.max_delay)
        delay_steps = (delays / network.dt + 0.5).astype(int).reshape(n_inputs, n)
        self._wiring = Wiring.of(delay_steps, c.n_delays)
        e, i = p.excitatory, p.inhibitory
        w = np.empty(drawn.w.size)
        w[self._wiring.place.ravel()] = drawn.w.ravel()
        self._state = State(
            v_e=np.full(n, float(e.v_rest - p.v_start_below_rest)),
            v_i=np.full(n, float(i.v_rest - p.v_start_below_rest)),
            theta=np.full(n, float(e.theta_initial)),
            w=w,
            control=np.array([p.start_intensity, 0.0]),
        )
        self._images = drawn.images
        self._rng = np.random.default_rng(drawn.seed)
        self._given = given
        self._counts: list[np.ndarray] = []

    def run(self, seconds: float) -> None:
        for n in slices(seconds):
            shown = len(self._counts)
            rows = np.arange(shown, shown + n) % len(self._images)
            counts = np.zeros((n, len(self._state.theta)), dtype=np.int64)
            first, pixels = self._take_given(n)
            _present(
                self._images[rows],
                counts,
                self._constants,
                self._wiring,
                self._state,
                self._rng,
                first,
                pixels,
            )
            self._counts.extend(counts)

    def _take_given(self, n: int) -> tuple[np.ndarray, np.ndarray]:
        """Where each step of each presentation begins among the given pixels; empty if none."""
        c = self._constants
        if self._given is None:
            return np.zeros((0, 0), dtype=np.int64), np.zeros(0, dtype=np.int64)
        begins = np.arange(n)[:, None] * c.presentation_steps + np.arange(c.image_steps + 1)
        first = np.searchsorted(self._given.steps, begins)
        return first, np.asarray(self._given.cells, dtype=np.int64)

    def spikes(self) -> tuple[np.ndarray, np.ndarray]:
        """Spikes while an image was on, at the time at which its presentation began."""
        return spikes_of(self._counts)

    @property
    def w(self) -> np.ndarray:
        return self._state.w[self._wiring.place.ravel()]
